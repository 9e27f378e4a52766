// A TLS server on the loopback interface, in front of an HttpServer: the handshake is OpenSSL's, the answers are the
// server's.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "support/certificates.h"
#include "support/http_server.h"
#include "support/relay.h"

namespace support {

class TlsFront {
 public:
  // A client's certificate by this authority is demanded, where one is given.
  TlsFront(const HttpServer& server, const CertificateFiles& files, const Authority* clients = nullptr);

  std::uint16_t port() const { return relay_->port(); }
  std::string url(const std::string& host, const std::string& path = "/api/traces") const {
    return "https://" + host + ":" + std::to_string(port()) + path;
  }
  // The name that the last client asked for (SNI); empty if none.
  std::string asked_name() const;

 private:
  std::unique_ptr<Wire> greet(int client);

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  mutable std::mutex mutex_;
  std::string asked_name_;  // guarded by it
  std::unique_ptr<Relay> relay_;
};

}  // namespace support
