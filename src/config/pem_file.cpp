#include "config/pem_file.h"

#include <errno.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string_view>

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kMost = 16 << 20;  // the bundle of all public authorities has 0.2 MiB

struct Read {
  std::string text;
  int error = 0;
};

Read read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  struct stat about{};
  if (!file || fstat(fileno(file.get()), &about) != 0) return {"", errno};
  if (S_ISDIR(about.st_mode)) return {"", EISDIR};
  Read read;
  char chunk[16 * 1024];
  while (const std::size_t got = std::fread(chunk, 1, sizeof chunk, file.get())) {
    read.text.append(chunk, got);
    if (read.text.size() > kMost) break;
  }
  return read;
}

}  // namespace

const char* why_no_pem(const std::string& path, Pem wanted) {
  const Read file = read_file(path);
  if (file.error == ENOENT || file.error == ENOTDIR) return "the path of a PEM file; there is none";
  if (file.error == EACCES) return "the path of a PEM file that this process may read; it may not";
  if (file.error != 0) return "the path of a PEM file that can be read; this one cannot";
  const auto has = [&](std::string_view mark) { return file.text.find(mark) != std::string::npos; };
  if (wanted == Pem::certificate) return has("CERTIFICATE-----") ? nullptr : "a PEM file with a certificate in it";
  if (!has("PRIVATE KEY-----")) return "a PEM file with a private key in it";
  return has("ENCRYPTED") ? "a private key without a password: nobody is there to type it" : nullptr;
}

}  // namespace jtrace::inline v1::detail
