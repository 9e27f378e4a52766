// bench-sink: a collector that takes everything and looks at nothing, so that a benchmark measures the sender.
//
//   bench-sink [MILLISECONDS]    answers each POST after that time; prints its port; ends when its stdin does
//
// It reads headers, lets the kernel discard the body (MSG_TRUNC), answers 202 and keeps the connection.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

std::size_t content_length(std::string_view headers) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = headers.find(kName);
  return at == std::string_view::npos ? 0 : std::strtoull(headers.data() + at + kName.size(), nullptr, 10);
}

// Up to the end of the headers; the rest of the body that came with them is left in the socket.
bool read_headers(int connection, std::string& headers) {
  char bytes[4096];
  for (headers.clear();;) {
    const ssize_t seen = recv(connection, bytes, sizeof bytes, MSG_PEEK);
    if (seen <= 0) return false;
    const std::size_t before = headers.size();
    headers.append(bytes, static_cast<std::size_t>(seen));
    const std::size_t end = headers.find("\r\n\r\n");
    if (end != std::string::npos) headers.resize(end + 4);
    if (recv(connection, bytes, headers.size() - before, 0) <= 0) return false;
    if (end != std::string::npos) return true;
  }
}

bool discard(int connection, std::size_t size) {
  static char nowhere[1];
  while (size != 0) {
    const ssize_t gone = recv(connection, nowhere, std::min<std::size_t>(size, 1 << 30), MSG_TRUNC);
    if (gone <= 0) return false;
    size -= static_cast<std::size_t>(gone);
  }
  return true;
}

void serve(int connection, std::chrono::milliseconds delay) {
  std::string headers;
  while (read_headers(connection, headers) && discard(connection, content_length(headers))) {
    if (delay.count() != 0) std::this_thread::sleep_for(delay);
    if (send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) break;
  }
  close(connection);
}

int listen_on_loopback() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool listens = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener, 64) == 0 &&
                       getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!listens) {
    std::perror("bench-sink");
    std::exit(1);
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void end_with_stdin() {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  std::_Exit(0);
}

}  // namespace

int main(int count, char** arguments) {
  const std::chrono::milliseconds delay(count > 1 ? std::atoi(arguments[1]) : 0);
  const int listener = listen_on_loopback();
  std::thread(end_with_stdin).detach();
  for (;;) {
    const int connection = accept(listener, nullptr, nullptr);
    if (connection < 0) continue;
    const int no_delay = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    std::thread(serve, connection, delay).detach();
  }
}
