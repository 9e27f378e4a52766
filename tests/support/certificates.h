// Certificates for tests of TLS, made when they are needed: an authority, and what it issues, as PEM files in a folder of
// their own that goes with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace support {

struct CertificateFiles {
  std::string cert, key;
};

struct Subject {
  std::string name = "localhost";
  std::vector<std::string> dns = {};  // names and addresses that the certificate is for
  std::vector<std::string> ips = {};
  bool is_expired = false;
};

class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // Whom to trust: the authority's own certificate.
  std::string file() const;
  CertificateFiles issue(const Subject& subject);
  // A path in the folder, for what else a test wants to write.
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  struct Keys;

  std::filesystem::path folder_;
  std::unique_ptr<Keys> keys_;
  int issued_ = 0;
};

}  // namespace support
