#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace jtrace::collector {
namespace {

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string failure(const std::string& path, int error) {
  return "cannot write '" + path + "': " + std::strerror(error);
}

// /dev/stdout, a pipe and their like have no name to take; they are written as they are.
bool is_plain_file_or_missing(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
}

// A symbolic link stays one: what it points to is replaced.
std::string resolve(const std::string& path) {
  char* found = realpath(path.c_str(), nullptr);
  if (!found) return path;
  std::string resolved = found;
  std::free(found);
  return resolved;
}

std::optional<std::string> write_directly(const std::string& path, std::string_view content) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return failure(path, errno);
  const bool written = write_all(file, content);
  const int error = errno;
  close(file);
  return written ? std::nullopt : std::optional(failure(path, error));
}

}  // namespace

std::optional<std::string> write_file(const std::string& path, std::string_view content) {
  if (!is_plain_file_or_missing(path)) return write_directly(path, content);
  const std::string target = resolve(path);
  const std::string beside = target + ".new-" + std::to_string(getpid());
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file < 0) return failure(path, errno);
  bool done = write_all(file, content);
  int error = errno;
  if (close(file) != 0 && done) {
    done = false;
    error = errno;
  }
  if (done && rename(beside.c_str(), target.c_str()) == 0) return std::nullopt;
  if (done) error = errno;
  unlink(beside.c_str());
  return failure(path, error);
}

}  // namespace jtrace::collector
