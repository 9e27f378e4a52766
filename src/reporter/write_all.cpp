#include "reporter/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace jtrace::inline v1::detail {

void throw_of_file(const std::string& path, const char* why) {
  std::string text = path;
  text += ": ";
  throw std::runtime_error(text += why);
}

int open_to_write(const std::string& path, int flags) {
  constexpr mode_t kMode = 0644;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, kMode);
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

}  // namespace jtrace::inline v1::detail
