#include "transport/udp_transport.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace jtrace::inline v1::detail {
namespace {

std::int64_t monotonic_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

ino_t number_of(int descriptor) noexcept {
  struct stat about{};
  return fstat(descriptor, &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_ino : 0;
}

// What the network has told since, as it does at once where the agent would be on this machine.
int pending_error(int socket) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : 0;
}

}  // namespace

UdpTransport::UdpTransport(const Agent& agent, Nanoseconds patience, Nanoseconds look_again)
    : host_(agent.host), shown_(agent.shown()), port_(agent.port), patience_(patience.count()), look_again_(look_again.count()) {
  if (const auto address = numeric_address(host_, port_)) {
    is_numeric_ = true;
    addresses_.push_back(*address);
  }
}

UdpTransport::~UdpTransport() { close(); }

void UdpTransport::submit(std::string_view body) noexcept {
  body_ = body;
  is_active_ = true;
  waits_for_room_ = false;
  submitted_ = monotonic_now();
  if (!is_numeric_ && (!has_looked_up_ || addresses_.empty() || submitted_ - looked_up_ >= look_again_)) look_up();
}

void UdpTransport::look_up() noexcept {
  if (!lookup_.start(host_, port_)) return;
  has_looked_up_ = true;
  looked_up_ = submitted_;
}

Answer UdpTransport::poll() noexcept {
  take_addresses();
  if (!is_active_) return Outcome::none;
  if (!addresses_.empty()) {
    waits_for_pace_ = left_of_pace() != 0;
    return waits_for_pace_ ? Outcome::none : send();
  }
  if (lookup_.is_running() && !is_late()) return Outcome::none;
  if (lookup_.is_running()) describe("its name has not been looked up in time");
  Answer answer = Outcome::unreachable;
  answer.is_nobody_there = true;
  return done(answer);
}

std::int64_t UdpTransport::left_of_pace() const noexcept {
  return std::max<std::int64_t>(read_by_ - kAhead - monotonic_now(), 0);
}

bool UdpTransport::is_late() const noexcept { return monotonic_now() - submitted_ >= patience_; }

// A look-up that found nothing leaves the addresses that there are.
void UdpTransport::take_addresses() noexcept {
  auto found = lookup_.take();
  if (!found) return;
  if (found->addresses.empty()) return describe(found->trouble.empty() ? std::string_view("no memory to look its name up") : found->trouble);
  if (found->addresses == addresses_) return;
  addresses_ = std::move(found->addresses);
  current_ = 0;
  close();
}

// Goes through the addresses, beginning with the one that was good last.
Answer UdpTransport::send() noexcept {
  waits_for_room_ = false;
  for (std::size_t tried = 0; tried < addresses_.size(); ++tried) {
    switch (send_here()) {
      case Sent::yes:
        read_by_ = std::max(read_by_, monotonic_now()) + static_cast<std::int64_t>(body_.size()) * kNanosecondsPerByte;
        return done(Outcome::acknowledged);
      case Sent::no_room:
        waits_for_room_ = !is_late();
        if (waits_for_room_) return Outcome::none;
        describe("the system had no room for a datagram");
        return done(Outcome::timeout);
      case Sent::too_large:
        describe("a datagram is too large for this system; a smaller local_agent.max_packet_bytes may help");
        return done(Outcome::rejected);
      case Sent::refused:
        next_address();
    }
  }
  describe(error_ == ECONNREFUSED ? "nobody listens there" : std::strerror(error_));
  Answer answer = Outcome::unreachable;
  answer.next = Answer::Next::settle;
  return done(answer);
}

UdpTransport::Sent UdpTransport::send_here() noexcept {
  if (socket_ < 0 && !open()) return Sent::refused;
  // What an earlier datagram met is told here; this one was not sent then.
  bool was_refused = false;
  ssize_t sent = ::send(socket_, body_.data(), body_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == ECONNREFUSED) {
    was_refused = true;
    sent = ::send(socket_, body_.data(), body_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (sent < 0) error_ = errno;
  if (sent >= 0) error_ = was_refused ? ECONNREFUSED : pending_error(socket_);
  if (error_ == 0) return Sent::yes;
  if (error_ == EAGAIN || error_ == ENOBUFS) return Sent::no_room;
  if (error_ == EMSGSIZE) return Sent::too_large;
  return Sent::refused;
}

bool UdpTransport::open() noexcept {
  const Address& to = addresses_[current_];
  socket_ = ::socket(to.bytes.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ >= 0 && ::connect(socket_, to.get(), to.size) == 0) {
    socket_number_ = number_of(socket_);
    return true;
  }
  error_ = errno;
  close();
  return false;
}

void UdpTransport::close() noexcept {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

// A single one keeps its socket: the next datagram costs one call, whoever listens.
void UdpTransport::next_address() noexcept {
  if (addresses_.size() == 1 && error_ == ECONNREFUSED) return;
  close();
  current_ = (current_ + 1) % addresses_.size();
}

Answer UdpTransport::done(Answer answer) noexcept {
  is_active_ = false;
  return answer;
}

void UdpTransport::wait(int wake_descriptor, std::int64_t nanoseconds) noexcept {
  const int looked_up = lookup_.descriptor();
  pollfd events[] = {{wake_descriptor, POLLIN, 0}, {looked_up, POLLIN, 0}, {waits_for_room_ ? socket_ : -1, POLLOUT, 0}};
  if (is_active_ && (waits_for_room_ || addresses_.empty()))
    nanoseconds = std::min(nanoseconds, std::max<std::int64_t>(submitted_ + patience_ - monotonic_now(), 0));
  if (is_active_ && waits_for_pace_) nanoseconds = std::min(nanoseconds, left_of_pace());
  const auto milliseconds = std::clamp<std::int64_t>((nanoseconds + 999'999) / 1'000'000, 0, 3'600'000);
  ::poll(events, 3, static_cast<int>(milliseconds));
}

void UdpTransport::abandon() noexcept {
  if (socket_ >= 0 && number_of(socket_) == socket_number_) ::close(socket_);
  socket_ = -1;
}

void UdpTransport::describe(std::string_view what) noexcept {
  try {
    trouble_ = shown_ + ": ";
    trouble_ += what;
  } catch (const std::bad_alloc&) {
    trouble_.clear();
  }
}

}  // namespace jtrace::inline v1::detail
