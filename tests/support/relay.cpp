#include "support/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace support {
namespace {

class PlainWire final : public Wire {
 public:
  explicit PlainWire(int fd) : fd_(fd) {}
  long read(char* bytes, std::size_t most) override { return recv(fd_, bytes, most, 0); }
  long write(const char* bytes, std::size_t count) override { return send(fd_, bytes, count, MSG_NOSIGNAL); }

 private:
  int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int listen_on_loopback(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, any, length) != 0 || listen(fd, 128) != 0 || getsockname(fd, any, &length) != 0)
    throw std::runtime_error("the test's relay cannot listen");
  *port = ntohs(address.sin_port);
  return fd;
}

int listen_on(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 128) != 0)
    throw std::runtime_error("the test's relay cannot listen on " + path);
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

bool pass(Wire& from, Wire& to) {
  char bytes[16 * 1024];
  const long got = from.read(bytes, sizeof bytes);
  for (long sent = 0; sent < got;) {
    const long more = to.write(bytes + sent, static_cast<std::size_t>(got - sent));
    if (more <= 0) return false;
    sent += more;
  }
  return got > 0;
}

}  // namespace

std::unique_ptr<Wire> plain_wire(int fd) { return std::make_unique<PlainWire>(fd); }

Relay::Relay(std::uint16_t to_port, Greet greet, const std::string& unix_path)
    : to_port_(to_port), greet_(std::move(greet)), unix_path_(unix_path) {
  listener_ = unix_path.empty() ? listen_on_loopback(&port_) : listen_on(unix_path);
  acceptor_ = std::thread([this] { accept_all(); });
}

Relay::~Relay() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);  // accept() gives up
  acceptor_.join();
  for (std::thread& servant : servants_) servant.join();
  close(listener_);
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

std::size_t Relay::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void Relay::accept_all() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (client >= 0 && !stopping_) {
      ++connections_;
      open_.push_back(client);
      servants_.emplace_back([this, client] { serve(client); });
    } else {
      if (client >= 0) close(client);
      if (stopping_ || client < 0) return;
    }
  }
}

void Relay::serve(int client) {
  if (const std::unique_ptr<Wire> wire = greet_(client)) {
    const int server = connect_to(to_port_);
    if (server >= 0) {
      pump(*wire, client, server);
      close(server);
    }
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, client);
  close(client);
}

void Relay::pump(Wire& wire, int client, int server) {
  {
    const std::lock_guard lock(mutex_);
    open_.push_back(server);
    if (stopping_) shutdown(server, SHUT_RDWR);
  }
  PlainWire other(server);
  for (bool goes_on = true; goes_on;) {
    pollfd ready[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    poll(ready, 2, wire.has_more() ? 0 : -1);
    if (ready[0].revents || wire.has_more()) goes_on = pass(wire, other);
    if (goes_on && ready[1].revents) goes_on = pass(other, wire);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, server);
}

ConnectProxy::ConnectProxy(std::uint16_t to_port, std::string answer)
    : answer_(std::move(answer)), relay_(to_port, [this](int client) { return greet(client); }) {}

std::string ConnectProxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::unique_ptr<Wire> ConnectProxy::greet(int client) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n") && recv(client, &byte, 1, 0) == 1) head += byte;
  {
    const std::lock_guard lock(mutex_);
    heads_ += head;
  }
  auto wire = plain_wire(client);
  wire->write(answer_.data(), answer_.size());
  if (answer_.find(" 200 ") == std::string::npos) return nullptr;
  return wire;
}

}  // namespace support
