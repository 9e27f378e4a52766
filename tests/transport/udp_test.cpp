// Datagrams to an agent, over real sockets: both families, nobody there, names whose addresses change, and a resolver that
// hangs. getaddrinfo is this program's own, so that a test says what names mean; numbers it leaves to the system's rules.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "transport/udp_transport.h"

namespace {

using namespace jtrace::detail;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kSoon = 30s;

// What names mean.
class Names {
 public:
  void set(const std::string& name, std::vector<std::string> addresses) {
    const std::lock_guard lock(mutex_);
    known_[name] = std::move(addresses);
  }
  void hang(bool is_hanging) {
    const std::lock_guard lock(mutex_);
    is_hanging_ = is_hanging;
    changed_.notify_all();
  }
  std::vector<std::string> find(const std::string& name) {
    std::unique_lock lock(mutex_);
    ++looked_up_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_hanging_; });
    return known_[name];
  }
  int looked_up() {
    const std::lock_guard lock(mutex_);
    return looked_up_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<std::string>> known_;
  bool is_hanging_ = false;
  int looked_up_ = 0;
};

Names& names() {
  static auto& all = *new Names;
  return all;
}

bool set_address(const std::string& text, std::uint16_t port, sockaddr_storage& to, socklen_t& size) {
  auto& four = reinterpret_cast<sockaddr_in&>(to);
  auto& six = reinterpret_cast<sockaddr_in6&>(to);
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    size = sizeof four;
    return true;
  }
  if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) return false;
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  size = sizeof six;
  return true;
}

addrinfo* entry(const std::string& text, std::uint16_t port, addrinfo* next) {
  auto* made = new addrinfo{};
  auto* address = new sockaddr_storage{};
  if (!set_address(text, port, *address, made->ai_addrlen)) std::abort();
  made->ai_family = address->ss_family;
  made->ai_socktype = SOCK_DGRAM;
  made->ai_addr = reinterpret_cast<sockaddr*>(address);
  made->ai_next = next;
  return made;
}

// An agent that listens.
class Listener {
 public:
  explicit Listener(const std::string& at, std::uint16_t port = 0) {
    sockaddr_storage address{};
    socklen_t size = 0;
    REQUIRE(set_address(at, port, address, size));
    socket_ = ::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    const auto bound = address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                                    : reinterpret_cast<sockaddr_in6&>(address).sin6_port;
    port_ = ntohs(bound);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  bool has_some() const {
    pollfd event{socket_, POLLIN, 0};
    return ::poll(&event, 1, 0) == 1;
  }
  std::string receive() {
    pollfd event{socket_, POLLIN, 0};
    if (::poll(&event, 1, static_cast<int>(std::chrono::milliseconds(kSoon).count())) != 1) return "nothing";
    std::string bytes(70000, '\0');
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    return bytes.substr(0, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

std::uint16_t closed_port() { return Listener("127.0.0.1").port(); }

Agent agent(const std::string& host, std::uint16_t port) {
  Agent agent;
  agent.host = host;
  agent.port = port;
  return agent;
}

// The reporter's side: one batch, until it is known what became of it.
struct Sender {
  explicit Sender(const Agent& to, Nanoseconds patience = kSoon, Nanoseconds look_again = UdpTransport::kLookAgain)
      : transport(to, patience, look_again), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Sender() { ::close(wake); }

  Answer send(std::string_view body) {
    transport.submit(body);
    for (const auto until = Clock::now() + kSoon; Clock::now() < until; transport.wait(wake, 1'000'000'000)) {
      if (const Answer answer = transport.poll(); answer.outcome != Outcome::none) return answer;
    }
    return Outcome::none;
  }

  UdpTransport transport;
  const int wake;
};

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) noexcept(false) {
  *found = nullptr;
  const auto port = static_cast<std::uint16_t>(std::atoi(service));
  sockaddr_storage address{};
  socklen_t size = 0;
  if (set_address(name, port, address, size)) {
    *found = entry(name, port, nullptr);
    return 0;
  }
  if ((hints->ai_flags & AI_NUMERICHOST) != 0) return EAI_NONAME;
  const auto addresses = names().find(name);
  for (auto at = addresses.rbegin(); at != addresses.rend(); ++at) *found = entry(*at, port, *found);
  return addresses.empty() ? EAI_NONAME : 0;
}

extern "C" void freeaddrinfo(addrinfo* list) noexcept {
  while (list) {
    addrinfo* const next = list->ai_next;
    delete reinterpret_cast<sockaddr_storage*>(list->ai_addr);
    delete list;
    list = next;
  }
}

TEST_CASE("a batch is one datagram, over IPv4 and over IPv6") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    Listener listener(host);
    Sender sender(agent(host, listener.port()));
    const std::string large(65000, 'x');
    CHECK(sender.send(large).outcome == Outcome::acknowledged);
    CHECK((listener.receive() == large));
    CHECK(sender.send("next").outcome == Outcome::acknowledged);
    CHECK(listener.receive() == "next");
  }
}

TEST_CASE("a burst goes out at a pace that an agent can follow") {
  Listener listener("127.0.0.1");
  Sender sender(agent("127.0.0.1", listener.port()));
  const std::string large(65000, 'x');
  const auto begin = Clock::now();
  for (int i = 0; i < 22; ++i) CHECK(sender.send(large).outcome == Outcome::acknowledged);
  CHECK(Clock::now() - begin >= 20 * std::chrono::nanoseconds(UdpTransport::kAhead));
}

TEST_CASE("where nobody listens a batch is unreachable at once, is not to be tried again, and what comes later arrives") {
  const std::uint16_t port = closed_port();
  Sender sender(agent("127.0.0.1", port));
  for (int i = 0; i < 3; ++i) {
    const Answer answer = sender.send("lost");
    CHECK(answer.outcome == Outcome::unreachable);
    CHECK(answer.next == Answer::Next::settle);
  }
  CHECK(sender.transport.trouble() == "udp://127.0.0.1:" + std::to_string(port) + ": nobody listens there");
  Listener listener("127.0.0.1", port);
  CHECK(sender.send("found").outcome == Outcome::acknowledged);
  CHECK(listener.receive() == "found");
}

TEST_CASE("of the addresses of a name the one is used where somebody listens") {
  Listener listener("127.0.0.1");
  names().set("agent", {"::1", "127.0.0.1"});
  Sender sender(agent("agent", listener.port()));
  for (const char* body : {"one", "two"}) {
    CHECK(sender.send(body).outcome == Outcome::acknowledged);
    CHECK(listener.receive() == body);
  }
}

TEST_CASE("a name is looked up again, and a changed address is used from then on") {
  Listener before("127.0.0.1");
  Listener after("127.0.0.2", before.port());
  names().set("moving", {"127.0.0.1"});
  Sender sender(agent("moving", before.port()), kSoon, 0ns);
  CHECK(sender.send("one").outcome == Outcome::acknowledged);
  CHECK(before.receive() == "one");
  names().set("moving", {"127.0.0.2"});
  // A look-up goes on beside the sending: some of these may still go to the old one.
  for (const auto until = Clock::now() + kSoon; !after.has_some() && Clock::now() < until;) sender.send("two");
  CHECK(after.receive() == "two");
}

TEST_CASE("a name is looked up every half minute, not for each batch") {
  Listener listener("127.0.0.1");
  names().set("steady", {"127.0.0.1"});
  Sender sender(agent("steady", listener.port()));
  const int before = names().looked_up();
  for (int i = 0; i < 10; ++i) CHECK(sender.send("x").outcome == Outcome::acknowledged);
  CHECK(names().looked_up() == before + 1);
  CHECK(UdpTransport::kLookAgain == 30s);
}

TEST_CASE("a name that nobody knows is unreachable and may be known later") {
  Listener listener("127.0.0.1");
  names().set("late", {});
  Sender sender(agent("late", listener.port()));
  const Answer answer = sender.send("x");
  CHECK(answer.outcome == Outcome::unreachable);
  CHECK(answer.next == Answer::Next::try_again);
  CHECK(answer.is_nobody_there);
  CHECK(sender.transport.trouble().starts_with("udp://late:"));
  names().set("late", {"127.0.0.1"});
  CHECK(sender.send("y").outcome == Outcome::acknowledged);
  CHECK(listener.receive() == "y");
}

TEST_CASE("a resolver that hangs keeps nobody waiting, and a known address is used meanwhile") {
  Listener listener("127.0.0.1");
  names().set("slow", {"127.0.0.1"});
  Sender sender(agent("slow", listener.port()), kSoon, 0ns);
  CHECK(sender.send("one").outcome == Outcome::acknowledged);
  names().hang(true);
  for (int i = 0; i < 3; ++i) CHECK(sender.send("two").outcome == Outcome::acknowledged);

  Sender other(agent("slow", listener.port()), 50ms);
  other.transport.submit("three");
  CHECK(other.transport.poll().outcome == Outcome::none);
  other.transport.abort();
  const Answer answer = other.send("four");  // its patience ends before the look-up
  CHECK(answer.outcome == Outcome::unreachable);
  CHECK(other.transport.trouble().ends_with("its name has not been looked up in time"));
  names().hang(false);
}
