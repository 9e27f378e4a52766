#include "reporter/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/random.h"
#include "encode/json.h"

namespace jtrace::inline v1::detail {
namespace {

// Links are not followed: /dev/stdout would be replaced, or in /tmp whatever somebody else has a link to.
std::optional<mode_t> mode_of_plain_file(const std::string& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return std::nullopt;
  if (!S_ISREG(about.st_mode)) throw_of_file(path, "only a plain file can be replaced");
  return about.st_mode & 0777;
}

std::string name_beside(const std::string& path) {
  Random random;
  random.seed();
  std::string name = path + '.';
  json::put_hex(name, random.next());
  return name;
}

}  // namespace

void throw_of_file(const std::string& path, const char* why) {
  std::string text = path;
  text += ": ";
  throw std::runtime_error(text += why);
}

int open_to_write(const std::string& path, int flags, unsigned mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode);
  if (file < 0) throw_of_file(path, std::strerror(errno));
  return file;
}

void write_all(int file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_of_file(path, std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void replace_file(const std::string& path, std::string_view bytes) {
  const std::optional<mode_t> mode = mode_of_plain_file(path);
  const std::string beside = name_beside(path);
  int file = open_to_write(beside, O_EXCL, mode.value_or(0644));
  try {
    if (mode && ::fchmod(file, *mode) != 0) throw_of_file(beside, std::strerror(errno));  // the umask is for new files
    write_all(file, beside, bytes);
    if (::close(std::exchange(file, -1)) != 0) throw_of_file(beside, std::strerror(errno));
    if (std::rename(beside.c_str(), path.c_str()) != 0) throw_of_file(path, std::strerror(errno));
  } catch (...) {
    if (file >= 0) ::close(file);
    ::unlink(beside.c_str());
    throw;
  }
}

}  // namespace jtrace::inline v1::detail
