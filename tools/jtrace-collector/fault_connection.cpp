#include "fault_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace jtrace::collector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A client that goes on sending after its answer has so long to read it; closing at once would take it away.
constexpr auto kLinger = 1s;

class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  // The other side gets RST instead of FIN.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
  }

 private:
  int number_;
};

int connect_to(int port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (made >= 0 && connect(made, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return made;
  if (made >= 0) close(made);
  return -1;
}

void prepare(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
}

class FaultConnection {
 public:
  FaultConnection(int client, FaultPlan& plan, int stop)
      : plan_(plan), fate_(plan.next_connection()), stop_(stop), client_(client) {}

  void serve(int server_port) {
    if (fate_.stalls) return stall();
    Socket server(connect_to(server_port));
    if (server.get() < 0) return client_.reset();
    prepare(client_.get());
    prepare(server.get());
    relay(server);
  }

 private:
  void stall();
  void relay(Socket& server);
  bool pass_request(Socket& server);
  bool pass_answer(const Socket& server);
  bool drip(std::string_view bytes);
  bool pause();
  bool send_all(int to, std::string_view bytes);
  void finish();

  FaultPlan& plan_;
  const FaultPlan::ConnectionFate fate_;
  const int stop_;
  Socket client_;

  bool is_sending_ = true;  // the client has, or may have, more to say
  bool has_dripped_ = false;
  std::size_t request_bytes_ = 0;
  std::array<char, 65536> piece_{};
};

// Not even the end of what the client sends is read; only that it hung up is noticed.
void FaultConnection::stall() {
  plan_.count_stalled();
  std::array<pollfd, 2> events = {{{client_.get(), POLLRDHUP, 0}, {stop_, POLLIN, 0}}};
  while (poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
  }
}

void FaultConnection::relay(Socket& server) {
  while (true) {
    std::array<pollfd, 3> events = {
        {{server.get(), POLLIN, 0}, {is_sending_ ? client_.get() : -1, POLLIN, 0}, {stop_, POLLIN, 0}}};
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    if (events[0].revents != 0) {
      if (!pass_answer(server)) return finish();
    } else if (events[1].revents != 0) {
      if (!pass_request(server)) return;
    } else if (events[2].revents != 0) {
      return;  // the server is gone by now, and all that it said has been passed on
    }
  }
}

// False when the connection has been reset.
bool FaultConnection::pass_request(Socket& server) {
  const ssize_t size = recv(client_.get(), piece_.data(), piece_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (size <= 0) {
    is_sending_ = false;
    shutdown(server.get(), SHUT_WR);
    return true;
  }
  request_bytes_ += static_cast<std::size_t>(size);
  if (fate_.reset_after && request_bytes_ > *fate_.reset_after) {
    plan_.count_reset();  // first, so that a client that saw it finds it counted
    client_.reset();
    return false;
  }
  // A server that has answered early takes no more, but its answer is still to come.
  is_sending_ = send_all(server.get(), std::string_view(piece_.data(), static_cast<std::size_t>(size)));
  return true;
}

// False at the end of the answer, and when the client takes no more of it.
bool FaultConnection::pass_answer(const Socket& server) {
  const ssize_t size = recv(server.get(), piece_.data(), piece_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (size <= 0) return false;
  const std::string_view bytes(piece_.data(), static_cast<std::size_t>(size));
  return fate_.drips ? drip(bytes) : send_all(client_.get(), bytes);
}

bool FaultConnection::drip(std::string_view bytes) {
  if (!has_dripped_) plan_.count_dripped();
  while (!bytes.empty()) {
    if (has_dripped_ && !pause()) return send_all(client_.get(), bytes);
    has_dripped_ = true;
    if (!send_all(client_.get(), bytes.substr(0, 1))) return false;
    bytes.remove_prefix(1);
  }
  return true;
}

// False when it makes no sense to drip on: the port is being closed, or the client hung up.
bool FaultConnection::pause() {
  std::array<pollfd, 2> events = {{{stop_, POLLIN, 0}, {client_.get(), POLLRDHUP, 0}}};
  return poll(events.data(), events.size(), static_cast<int>(fate_.drip_pause.count())) == 0;
}

bool FaultConnection::send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    std::array<pollfd, 2> events = {{{to, POLLOUT, 0}, {stop_, POLLIN, 0}}};
    poll(events.data(), events.size(), -1);
    if (events[0].revents == 0 && events[1].revents != 0) return false;
  }
  return true;
}

// Says that the answer is over, and reads what still comes until the client hangs up too.
void FaultConnection::finish() {
  shutdown(client_.get(), SHUT_WR);
  const auto deadline = Clock::now() + kLinger;
  for (auto left = Clock::duration(kLinger); left.count() > 0; left = deadline - Clock::now()) {
    std::array<pollfd, 2> events = {{{client_.get(), POLLIN, 0}, {stop_, POLLIN, 0}}};
    if (poll(events.data(), events.size(), static_cast<int>(left / 1ms)) <= 0 || events[1].revents != 0) return;
    if (recv(client_.get(), piece_.data(), piece_.size(), 0) <= 0) return;
  }
}

}  // namespace

void serve_with_faults(int client, int server_port, FaultPlan& plan, int stop) {
  FaultConnection(client, plan, stop).serve(server_port);
}

}  // namespace jtrace::collector
