#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace support {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

int listening_socket(HttpServer::Family family, std::uint16_t* port) {
  const bool six = family == HttpServer::Family::ipv6;
  const int on = 1;
  const int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (*port != 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in6 address6{};
  address6.sin6_family = AF_INET6;
  address6.sin6_addr = in6addr_loopback;
  address6.sin6_port = htons(*port);
  sockaddr_in address4{};
  address4.sin_family = AF_INET;
  address4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address4.sin_port = htons(*port);
  auto* address = six ? reinterpret_cast<sockaddr*>(&address6) : reinterpret_cast<sockaddr*>(&address4);
  socklen_t length = six ? sizeof address6 : sizeof address4;
  if (bind(fd, address, length) != 0 || listen(fd, 128) != 0 || getsockname(fd, address, &length) != 0) {
    close(fd);
    return -1;
  }
  *port = ntohs(six ? address6.sin6_port : address4.sin_port);
  return fd;
}

// A close that the other side sees as "connection reset".
void reset(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool send_drop_by_drop(int fd, std::string_view text) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  for (const char& drop : text) {
    if (!send_all(fd, {&drop, 1})) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

bool receive_more(int fd, std::string* buffer) {
  char chunk[65536];
  const ssize_t got = recv(fd, chunk, sizeof chunk, 0);
  if (got <= 0) return false;
  buffer->append(chunk, static_cast<std::size_t>(got));
  return true;
}

Request parse_head(std::string_view head) {
  Request request;
  std::size_t end = head.find("\r\n");
  const std::string_view first = head.substr(0, end);
  const std::size_t one = first.find(' '), two = first.rfind(' ');
  if (one != std::string_view::npos && two > one) {
    request.method = first.substr(0, one);
    request.target = first.substr(one + 1, two - one - 1);
    request.version = first.substr(two + 1);
  }
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      request.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
  }
  return request;
}

std::string answer_text(const Answer& answer) {
  std::string text = answer.version + " " + std::to_string(answer.status) + " Whatever\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  if (!answer.keep_alive) text += "Connection: close\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  return text;
}

bool is_whole(Answer::Manner manner) {
  return manner != Answer::Manner::never && manner != Answer::Manner::reset &&
         manner != Answer::Manner::reset_midway;
}

}  // namespace

std::string Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

std::size_t Request::count(std::string_view name) const {
  std::size_t n = 0;
  for (const auto& [key, value] : headers) n += same_name(key, name);
  return n;
}

HttpServer::HttpServer(Answer answer, Family family, Reading reading, std::uint16_t port)
    : family_(family), reading_(reading), port_(port), answer_(std::move(answer)) {
  listener_ = listening_socket(family, &port_);
  if (listener_ < 0 || pipe(stop_pipe_) != 0)
    throw std::runtime_error("the test's HTTP server cannot listen");
  if (reading == Reading::never) {
    const int small = 4096;  // so that the sender soon finds the way blocked
    setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) {
      if (fd >= 0) shutdown(fd, SHUT_RDWR);
    }
    changed_.notify_all();
  }
  close(stop_pipe_[1]);  // the acceptor sees the end of the pipe
  acceptor_.join();
  for (std::thread& servant : servants_) servant.join();
  close(stop_pipe_[0]);
  close(listener_);
}

bool HttpServer::has_ipv6() {
  std::uint16_t port = 0;
  const int fd = listening_socket(Family::ipv6, &port);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

std::string HttpServer::host_and_port() const {
  return (family_ == Family::ipv6 ? "[::1]:" : "127.0.0.1:") + std::to_string(port_);
}

std::string HttpServer::url(std::string_view path_and_query) const {
  return "http://" + host_and_port() + std::string(path_and_query);
}

void HttpServer::answers(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
  choose_ = nullptr;
}

void HttpServer::answers_by(std::function<Answer()> choose) {
  const std::lock_guard lock(mutex_);
  choose_ = std::move(choose);
}

void HttpServer::answers_next(Answer answer) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(answer));
}

void HttpServer::let_go() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

bool HttpServer::wait_for_requests(std::size_t count, std::chrono::nanoseconds at_most) const {
  return wait_until([=](const std::vector<Request>& requests) { return requests.size() >= count; }, at_most);
}

bool HttpServer::wait_for_connections(std::size_t count, std::chrono::nanoseconds at_most) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::steady_clock::now() + at_most,
                             [&] { return open_.size() >= count; });
}

bool HttpServer::wait_until(const std::function<bool(const std::vector<Request>&)>& holds,
                            std::chrono::nanoseconds at_most) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::steady_clock::now() + at_most,
                             [&] { return holds(requests_); });
}

std::vector<Request> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t HttpServer::connections() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

void HttpServer::accept_all() {
  for (;;) {
    pollfd ready[2] = {{listener_, POLLIN, 0}, {stop_pipe_[0], POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) return;
    if (ready[1].revents) return;
    if (!ready[0].revents) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      close(fd);
      return;
    }
    const std::size_t connection = open_.size();
    open_.push_back(fd);
    servants_.emplace_back([this, fd, connection] { serve(fd, connection); });
    changed_.notify_all();
  }
}

void HttpServer::serve(int fd, std::size_t connection) {
  std::string buffer;
  Request request;
  if (reading_ == Reading::never) wait_for_end();
  while (reading_ == Reading::always && read_request(fd, &buffer, &request)) {
    request.connection = connection;
    if (!send_answer(fd, record(std::exchange(request, {})))) break;
  }
  const std::lock_guard lock(mutex_);
  open_[connection] = -1;
  close(fd);
}

bool HttpServer::read_request(int fd, std::string* buffer, Request* request) {
  std::size_t head_end = 0;
  while ((head_end = buffer->find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(fd, buffer)) return false;
  }
  *request = parse_head(std::string_view(*buffer).substr(0, head_end));
  const std::size_t length = std::strtoul(request->header("Content-Length").c_str(), nullptr, 10);
  buffer->erase(0, head_end + 4);
  while (buffer->size() < length) {
    if (!receive_more(fd, buffer)) return false;
  }
  request->body = buffer->substr(0, length);
  buffer->erase(0, length);
  return true;
}

Answer HttpServer::record(Request request) {
  const std::lock_guard lock(mutex_);
  Answer answer = next_answer();
  request.status = is_whole(answer.manner) ? answer.status : 0;
  requests_.push_back(std::move(request));
  changed_.notify_all();
  return answer;
}

// Under the mutex.
Answer HttpServer::next_answer() {
  if (next_.empty()) return choose_ ? choose_() : answer_;
  Answer answer = std::move(next_.front());
  next_.pop_front();
  return answer;
}

// False when the connection is to be closed.
bool HttpServer::send_answer(int fd, const Answer& answer) {
  const std::string text = answer_text(answer);
  switch (answer.manner) {
    case Answer::Manner::never:
      wait_for_end();
      return false;
    case Answer::Manner::reset:
      reset(fd);
      return false;
    case Answer::Manner::reset_midway:
      send_all(fd, std::string_view(text).substr(0, text.size() / 2));
      reset(fd);
      return false;
    case Answer::Manner::drip:
      return send_drop_by_drop(fd, text) && answer.keep_alive;
    case Answer::Manner::hang_up:
      send_all(fd, text);
      return false;
    case Answer::Manner::held:
      wait_for_release();
      break;
    case Answer::Manner::whole:
      break;
  }
  return send_all(fd, text) && answer.keep_alive;
}

void HttpServer::wait_for_release() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return released_ || stopping_; });
}

void HttpServer::wait_for_end() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_; });
}

}  // namespace support
