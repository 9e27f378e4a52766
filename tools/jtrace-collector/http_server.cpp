#include "http_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <future>
#include <thread>

#include "elastic_pool.h"

namespace jtrace::collector {
namespace {

using namespace std::chrono_literals;

// More connections than this wait until one of these ends. A thread that waits costs a few KiB.
constexpr std::size_t kMaxConnections = 1024;
// How long a connection may say nothing: Jaeger v1's limit for the header.
constexpr time_t kIdleSeconds = 2;
// How long a sender may pause inside its body, and a reader inside our answer.
constexpr time_t kPauseSeconds = 5;
// cpp-httplib asks for 5, and a burst beyond that waits a second for its second try.
constexpr int kBacklog = 1024;
// cpp-httplib matches paths by recursion; nothing that we serve comes near.
constexpr std::size_t kMaxPathBytes = 2048;
// A body over the limit is read on for so many times the limit, so that its sender lives to see the answer.
constexpr std::size_t kReadOnFactor = 2;

// The memory that bodies in flight may take together.
class Budget {
 public:
  explicit Budget(std::size_t bytes) : left_(bytes) {}

  bool take(std::size_t bytes) {
    std::size_t left = left_.load();
    do {
      if (bytes > left) return false;
    } while (!left_.compare_exchange_weak(left, left - bytes));
    return true;
  }
  void give_back(std::size_t bytes) { left_ += bytes; }

 private:
  std::atomic<std::size_t> left_;
};

// One body on its way in. Holds its share of the budget as long as it lives.
class BodyReader {
 public:
  BodyReader(Budget& budget, std::size_t max_bytes) : budget_(budget), max_bytes_(max_bytes) {}
  ~BodyReader() { budget_.give_back(taken_); }
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  void read(const httplib::ContentReader& from, HttpRequest& into) {
    const bool whole = from([&](const char* data, std::size_t size) { return take(data, size, into); });
    if (!whole && into.body_state == BodyState::kComplete) give_up(BodyState::kBroken, into);
  }

 private:
  bool take(const char* data, std::size_t size, HttpRequest& into) {
    seen_ += size;
    if (into.body_state == BodyState::kComplete) keep(data, size, into);
    return into.body_state == BodyState::kComplete || seen_ <= max_bytes_ * kReadOnFactor;
  }

  void keep(const char* data, std::size_t size, HttpRequest& into) {
    if (seen_ > max_bytes_) return give_up(BodyState::kTooLarge, into);
    if (!budget_.take(size)) return give_up(BodyState::kBusy, into);
    taken_ += size;
    into.body.append(data, size);
  }

  static void give_up(BodyState why, HttpRequest& into) {
    into.body_state = why;
    std::string().swap(into.body);
  }

  Budget& budget_;
  const std::size_t max_bytes_;
  std::size_t seen_ = 0;
  std::size_t taken_ = 0;
};

// Counts the requests that are being read or handled.
class Busy {
 public:
  explicit Busy(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Busy() { --count_; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<int>& count_;
};

HttpRequest to_request(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.path;
  request.parameters.assign(from.params.begin(), from.params.end());
  if (from.has_header("Content-Type")) request.content_type = from.get_header_value("Content-Type");
  request.content_encoding = from.get_header_value("Content-Encoding");
  return request;
}

void send(const HttpResponse& from, httplib::Response& to) {
  to.status = from.status;
  to.set_header("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  if (!from.content_type.empty()) to.set_content(from.body, from.content_type);
}

// Without either header there is no body; cpp-httplib would wait for one until the connection ends.
bool announces_body(const httplib::Request& request) {
  return request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
}

// The length that the header names; nothing when it is no number.
std::optional<std::uint64_t> announced_length(const httplib::Request& request) {
  const std::string text = request.get_header_value("Content-Length");
  std::uint64_t length = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, length);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return length;
}

bool may_have_body(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

int local_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
  return -1;
}

// cpp-httplib does not tell which connections it holds, so they are looked up: every socket of this process
// that is bound to the server's port is one of its ends.
void hang_up(int port, int how) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const int end = static_cast<int>(std::min<rlim_t>(files.rlim_cur, 65536));
  for (int socket = 3; socket < end; ++socket) {
    if (local_port(socket) == port) shutdown(socket, how);
  }
}

std::optional<std::string> check_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) return "cannot listen on host '" + host + "': " + gai_strerror(status);
  freeaddrinfo(found);
  return std::nullopt;
}

}  // namespace

struct HttpServer::Impl {
  Impl(HttpHandler given, Limits given_limits)
      : handler(std::move(given)), limits(given_limits), budget(given_limits.max_bodies_bytes) {}

  void configure();
  httplib::Server::HandlerResponse route(const httplib::Request& from, httplib::Response& to);
  void answer(const httplib::Request& from, httplib::Response& to, const httplib::ContentReader& reader);

  HttpHandler handler;
  Limits limits;
  Budget budget;
  std::atomic<int> busy{0};
  httplib::Server server;
  int listener = -1;
  int port = 0;
  std::thread thread;
  std::future<void> ended;
};

void HttpServer::Impl::configure() {
  server.new_task_queue = [] { return new ElasticPool(kMaxConnections); };
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_read_timeout(kPauseSeconds);
  server.set_write_timeout(kPauseSeconds);
  server.set_tcp_nodelay(true);
  // Not the library's default, SO_REUSEPORT, which lets two collectors share a port without noticing.
  server.set_socket_options([this](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    listener = socket;
  });
  server.set_exception_handler([](const httplib::Request&, httplib::Response& to, std::exception_ptr) {
    send(plain_error(500, "Internal Server Error"), to);
  });
  server.set_pre_routing_handler(
      [this](const httplib::Request& from, httplib::Response& to) { return route(from, to); });
  const auto with_body = [this](const httplib::Request& from, httplib::Response& to,
                                const httplib::ContentReader& reader) { answer(from, to, reader); };
  server.Post(".*", with_body);
  server.Put(".*", with_body);
  server.Patch(".*", with_body);
}

// Answers at once what needs no body, and leaves the others to `answer`.
httplib::Server::HandlerResponse HttpServer::Impl::route(const httplib::Request& from, httplib::Response& to) {
  const Busy mark(busy);
  // A Range header of many pieces would multiply an answer; no answer of ours is fetched in pieces. The
  // request is the library's own local variable, so it may be written.
  const_cast<httplib::Request&>(from).ranges.clear();
  if (from.path.size() > kMaxPathBytes) {
    send(plain_error(414, "URI Too Long"), to);
  } else if (from.has_header("Content-Length") && !announced_length(from)) {
    send(plain_error(400, "400 Bad Request"), to);
  } else if (may_have_body(from.method) && announces_body(from) && !from.is_multipart_form_data()) {
    return httplib::Server::HandlerResponse::Unhandled;
  } else {
    send(handler(to_request(from)), to);
  }
  return httplib::Server::HandlerResponse::Handled;
}

void HttpServer::Impl::answer(const httplib::Request& from, httplib::Response& to,
                              const httplib::ContentReader& reader) {
  const Busy mark(busy);
  HttpRequest request = to_request(from);
  BodyReader body(budget, limits.max_body_bytes);
  if (announced_length(from).value_or(0) > limits.max_body_bytes * kReadOnFactor) {
    request.body_state = BodyState::kTooLarge;  // and nothing is read
  } else {
    body.read(reader, request);
  }
  send(handler(request), to);
}

HttpServer::HttpServer(HttpHandler handler, Limits limits)
    : impl_(std::make_unique<Impl>(std::move(handler), limits)) {
  impl_->configure();
}

HttpServer::~HttpServer() { stop(); }

std::optional<std::string> HttpServer::listen(const std::string& host, int port) {
  if (auto problem = check_host(host)) return problem;
  errno = 0;
  httplib::Server& server = impl_->server;
  const bool bound = port == 0 ? server.bind_to_any_port(host) > 0 : server.bind_to_port(host, port);
  if (!bound) {
    const std::string why = errno == 0 ? "not possible" : std::strerror(errno);
    return "cannot listen on " + host + " port " + std::to_string(port) + ": " + why;
  }
  ::listen(impl_->listener, kBacklog);
  impl_->port = local_port(impl_->listener);

  std::promise<void> ended;
  impl_->ended = ended.get_future();
  impl_->thread = std::thread([&server, ended = std::move(ended)]() mutable {
    server.listen_after_bind();
    ended.set_value();
  });
  // `stop` has an effect only from here on.
  while (!server.is_running() && impl_->ended.wait_for(0s) != std::future_status::ready) {
    std::this_thread::yield();
  }
  return std::nullopt;
}

int HttpServer::port() const { return impl_->port; }

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->server.stop();
  // cpp-httplib answers nobody whose sending side is closed, so those who are being served go first.
  const auto now = [] { return std::chrono::steady_clock::now(); };
  for (const auto patience = now() + 500ms; impl_->busy > 0 && now() < patience;) std::this_thread::sleep_for(2ms);
  // Then all hang up, the idle at once and the others soon. Again and again, since a connection may have
  // been on its way through accept.
  const auto grace = now() + 500ms;
  do {
    hang_up(impl_->port, now() < grace ? SHUT_RD : SHUT_RDWR);
  } while (impl_->ended.wait_for(20ms) != std::future_status::ready);
  impl_->thread.join();
}

}  // namespace jtrace::collector
