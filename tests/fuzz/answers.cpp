// Answers of a collector, or of something that stands in its place: HttpTransport finds an outcome for all of them, and whatever the
// far side says is told in one short line.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "fuzz.h"
#include "transport/http_transport.h"

using namespace jtrace::detail;
using fuzz::require;

namespace {

// A server that takes one connection at a time, says its bytes and hangs up. It reads nothing before: sent is sent.
class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    require(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener_, 10) == 0, "a port is free");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  int listener() const { return listener_; }

  // Answers if somebody connected. The bytes fit into the socket's buffer.
  void answer(std::string_view bytes) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    hang_up();
    client_ = client;
    [[maybe_unused]] const ssize_t sent = send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(client_, SHUT_WR);
  }

  void hang_up() {
    if (client_ >= 0) close(client_);
    client_ = -1;
  }

 private:
  int listener_;
  int port_ = 0;
  int client_ = -1;
};

Settings settings_for(int port) {
  // A proxy of the environment would stand between.
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  Settings settings;
  settings.endpoint.url = "http://127.0.0.1:" + std::to_string(port) + "/api/traces";
  return settings;
}

Outcome post(HttpTransport& transport, Server& server, std::string_view answer) {
  constexpr std::int64_t kMoment = 10'000'000;
  Outcome outcome = Outcome::none;
  transport.submit("a batch");
  while ((outcome = transport.poll().outcome) == Outcome::none) {
    server.answer(answer);
    transport.wait(server.listener(), kMoment);
  }
  server.hang_up();
  return outcome;
}

// Is there a line like "HTTP/1.1 202 Accepted"? Others may stand before it.
bool has_success(std::string_view answer) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (const auto& [version, rest] : fuzz::lines_of(answer, " ")) {
    const bool has_status = rest.size() >= 3 && rest[0] == '2' && is_digit(rest[1]) && is_digit(rest[2]);
    if (version.starts_with("HTTP/") && has_status && (rest.size() == 3 || !is_digit(rest[3]))) return true;
  }
  return false;
}

bool is_one_line(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  begin_curl();
  static auto& server = *new Server;
  static auto& transport = *new HttpTransport(settings_for(server.port()));
  const std::string_view answer = fuzz::text_of(bytes, size);
  const Outcome outcome = post(transport, server, answer);
  if (outcome == Outcome::acknowledged) {
    require(has_success(answer), "only a status line with 2xx acknowledges");
    return 0;
  }
  require(outcome != Outcome::timeout, "an answer that ends is no time-out");
  require(!transport.trouble().empty(), "what went wrong has words");
  require(transport.trouble().size() < 1000, "a long answer is told in short");
  require(is_one_line(transport.trouble()), "whatever was answered is told in one line");
  return 0;
}
