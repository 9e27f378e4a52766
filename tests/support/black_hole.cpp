#include "support/black_hole.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace support {
namespace {

std::string url(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port) + "/api/traces";
}

int bound_socket(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no loopback port to be had");
  }
  *port = ntohs(address.sin_port);
  return fd;
}

// Connects without waiting; true if the kernel completed the connection within a moment.
bool connects(int fd, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  pollfd entry{fd, POLLOUT, 0};
  return poll(&entry, 1, 100) == 1;
}

}  // namespace

std::string refusing_endpoint() {
  std::uint16_t port = 0;
  close(bound_socket(&port));
  return url(port);
}

BlackHole::BlackHole() : listener_(bound_socket(&port_)) {
  if (listen(listener_, 0) != 0) throw std::runtime_error("cannot listen");
  for (int i = 0; i < 64; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    stuffing_.push_back(fd);
    if (!connects(fd, port_)) return;  // full
  }
  throw std::runtime_error("the backlog does not fill up");
}

BlackHole::~BlackHole() {
  for (const int fd : stuffing_) close(fd);
  close(listener_);
}

std::string BlackHole::endpoint() const {
  return url(port_);
}

}  // namespace support
