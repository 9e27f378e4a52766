#include "fault_front.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

#include "elastic_pool.h"
#include "fault_connection.h"

namespace jtrace::collector {
namespace {

using namespace std::chrono_literals;

constexpr int kBacklog = 1024;
// As many as the server behind it takes; further connections wait.
constexpr std::size_t kMaxConnections = 1024;
// When there is no descriptor left, until somebody hangs up.
constexpr auto kPauseWithoutDescriptors = 50ms;

// Readable from `set` on.
class Event {
 public:
  Event() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Event() { close(descriptor_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  int get() const { return descriptor_; }
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof(one));
  }
  // True when it is set; waits for that no longer than `time`.
  bool wait(std::chrono::milliseconds time) const {
    pollfd event{descriptor_, POLLIN, 0};
    return poll(&event, 1, static_cast<int>(time.count())) > 0;
  }

 private:
  int descriptor_;
};

std::string cannot_listen(const std::string& host, int port, const char* why) {
  return "cannot listen on " + host + " port " + std::to_string(port) + ": " + why;
}

int local_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

int bind_to(const addrinfo& address) {
  const int made = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return -1;
  const int on = 1;
  setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(made, address.ai_addr, address.ai_addrlen) == 0) return made;
  const int why = errno;
  close(made);
  errno = why;
  return -1;
}

}  // namespace

struct FaultFront::Impl {
  explicit Impl(FaultPlan& given) : plan(given), pool(kMaxConnections) {}

  std::optional<std::string> bind(const std::string& host, int wanted);
  std::optional<std::string> open();
  void run(std::chrono::milliseconds down_for, const OnUp& on_up);
  void accept_one();

  FaultPlan& plan;
  ElasticPool pool;
  Event closing;   // accept no more
  Event stopping;  // hang up
  std::string host;
  int listener = -1;
  int port = 0;
  int server_port = 0;
  std::thread thread;
};

std::optional<std::string> FaultFront::Impl::bind(const std::string& given_host, int wanted) {
  host = given_host;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), std::to_string(wanted).c_str(), &hints, &found);
  if (status != 0) return "cannot listen on host '" + host + "': " + gai_strerror(status);
  for (const addrinfo* address = found; address && listener < 0; address = address->ai_next) {
    listener = bind_to(*address);
  }
  const int why = errno;
  freeaddrinfo(found);
  if (listener < 0) return cannot_listen(host, wanted, std::strerror(why));
  port = local_port(listener);
  return std::nullopt;
}

// Until here the port is ours but closed: whoever connects is refused.
std::optional<std::string> FaultFront::Impl::open() {
  if (::listen(listener, kBacklog) == 0) return std::nullopt;
  return cannot_listen(host, port, std::strerror(errno));
}

void FaultFront::Impl::run(std::chrono::milliseconds down_for, const OnUp& on_up) {
  if (down_for.count() > 0) {
    if (closing.wait(down_for)) return;
    const auto problem = open();
    on_up(problem);
    if (problem) return;
  }
  while (true) {
    std::array<pollfd, 2> events = {{{listener, POLLIN, 0}, {closing.get(), POLLIN, 0}}};
    poll(events.data(), events.size(), -1);
    if (events[1].revents != 0) return;
    if (events[0].revents != 0) accept_one();
  }
}

void FaultFront::Impl::accept_one() {
  const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (client >= 0) {
    pool.enqueue([this, client] { serve_with_faults(client, server_port, plan, stopping.get()); });
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
    closing.wait(kPauseWithoutDescriptors);
  }
}

FaultFront::FaultFront(FaultPlan& plan) : impl_(std::make_unique<Impl>(plan)) {}

FaultFront::~FaultFront() {
  stop_accepting();
  stop();
}

std::optional<std::string> FaultFront::listen(const std::string& host, int port, int server_port,
                                              std::chrono::milliseconds down_for, OnUp on_up) {
  if (auto problem = impl_->bind(host, port)) return problem;
  if (down_for.count() == 0) {
    if (auto problem = impl_->open()) return problem;
  }
  impl_->server_port = server_port;
  impl_->thread = std::thread([this, down_for, on_up = std::move(on_up)] { impl_->run(down_for, on_up); });
  return std::nullopt;
}

int FaultFront::port() const { return impl_->port; }

void FaultFront::stop_accepting() {
  impl_->closing.set();
  if (impl_->thread.joinable()) impl_->thread.join();
  if (impl_->listener >= 0) close(std::exchange(impl_->listener, -1));
}

void FaultFront::stop() {
  impl_->stopping.set();
  impl_->pool.shutdown();
}

}  // namespace jtrace::collector
