// Transport: the way out for batches, one at a time, driven by the reporter's thread without blocking it.
//
// The reporter submits a batch, then calls poll() and wait() in turn until poll() tells how it ended. Implementations: HttpTransport; the fakes of
// the tests. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

// How an attempt ended: the reason that its spans are counted under if it was the last one.
enum class Outcome : std::uint8_t { none, acknowledged, unreachable, timeout, rejected, server_error };

// An outcome, and what to do about it.
struct Answer {
  // halve: the body was perhaps too large; where it cannot be halved again, an unreachable far side is tried again.
  enum class Next : std::uint8_t { settle, try_again, halve };

  Outcome outcome = Outcome::none;
  Next next = Next::settle;
  std::int64_t retry_after = 0;   // nanoseconds that the far side asks for
  std::uint64_t refused = 0;      // spans of an acknowledged batch that the far side did not take after all
  bool is_nobody_there = false;   // no such host, or it refuses to connect

  Answer() = default;
  // No connection, no answer and a server's trouble may pass.
  Answer(Outcome what) noexcept : outcome(what), next(may_pass(what) ? Next::try_again : Next::settle) {}

 private:
  static bool may_pass(Outcome what) noexcept {
    return what == Outcome::unreachable || what == Outcome::timeout || what == Outcome::server_error;
  }
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Takes the bytes to send, which stay in place until the outcome is known or abort() was called; poll() comes next.
  virtual void submit(std::string_view body) noexcept = 0;
  // Drives the transfer. None as long as it is under way (or nothing is).
  virtual Answer poll() noexcept = 0;
  // Sleeps until the transfer can go on, `wake_descriptor` is readable, or the time is over.
  virtual void wait(int wake_descriptor, std::int64_t nanoseconds) noexcept = 0;
  // Gives the transfer up, at once.
  virtual void abort() noexcept = 0;
  // In a forked child: closes inherited sockets without a word to the far side. Nothing else may be called then.
  virtual void abandon() noexcept = 0;
  // What the last outcome that was not acknowledged looked like, for the log.
  virtual const std::string& trouble() const noexcept = 0;
};

}  // namespace jtrace::inline v1::detail
