#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

RawServer::RawServer(std::string greeting) : greeting_(std::move(greeting)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &length) != 0)
    throw std::runtime_error("no loopback port to be had");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  close(listener_);
}

void RawServer::serve() {
  for (;;) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    [[maybe_unused]] const ssize_t sent = send(connection, greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
    char heard[4096];
    [[maybe_unused]] const ssize_t got = recv(connection, heard, sizeof heard, 0);
    shutdown(connection, SHUT_WR);
    while (recv(connection, heard, sizeof heard, 0) > 0) continue;  // until the other side has closed
    close(connection);
  }
}
