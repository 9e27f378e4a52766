#include "agent_port.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace jtrace::collector {
namespace {

constexpr std::size_t kMostBytes = 65536;         // of a datagram
constexpr int kReceiveBuffer = 4 << 20;           // for bursts, as far as the system allows it

// What a failed call says.
std::string reason() { return std::strerror(errno); }

int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const auto port = address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                                  : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

}  // namespace

AgentPort::~AgentPort() { stop(); }

std::optional<std::string> AgentPort::listen(const std::string& host, int port) {
  const std::string where = "udp " + host + ":" + std::to_string(port) + ": ";
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); failed != 0)
    return where + gai_strerror(failed);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return where + reason();
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  if (bind(socket, found->ai_addr, found->ai_addrlen) != 0) {
    const std::string why = reason();
    close(socket);
    return where + why;
  }
  socket_ = socket;
  port_ = port_of(socket);
  stop_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { read(); });
  return std::nullopt;
}

void AgentPort::read() {
  std::vector<char> datagram(kMostBytes);
  for (bool is_stopping = false;;) {
    const ssize_t size = recv(socket_, datagram.data(), datagram.size(), 0);
    if (size >= 0) {
      if (!take_({datagram.data(), static_cast<std::size_t>(size)}, wire_)) ++malformed_;
      continue;
    }
    if (is_stopping) return;
    std::array<pollfd, 2> events = {{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    poll(events.data(), events.size(), -1);
    is_stopping = events[1].revents != 0;
  }
}

void AgentPort::stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof one);
  thread_.join();
  close(std::exchange(socket_, -1));
  close(std::exchange(stop_, -1));
}

}  // namespace jtrace::collector
