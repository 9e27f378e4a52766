// Clock: when something happened, cheaply on the caller's thread and exactly on the reporter's.
//
// One for the process. Callers take a Stamp: ticks where the kernel trusts them, wall-clock nanoseconds otherwise; each
// stamp knows which. The reporter calls tick() before it drains and converts stamps by a TickMap. When ticks and
// CLOCK_MONOTONIC disagree by over a millisecond, twice in a row (suspend, migration), new stamps are wall-clock times for good.
// Thread safety: stamp() any thread, without locks; tick() and wall() take a mutex, and are never called by a caller's
// thread that records.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "clock/tick_map.h"
#include "ticks.h"

namespace jtrace::inline v1::detail {

std::int64_t wall_now() noexcept;  // CLOCK_REALTIME, nanoseconds

class Clock {
 public:
  // Before the first stamp of a process, by one thread: a forked child begins anew, also the lock that another thread of its
  // parent may have held.
  static void begin() noexcept;
  static Clock& instance() noexcept;

  // Known once it has begun. Relaxed: whoever still sees the old answer takes a stamp that says so.
  static bool uses_ticks() noexcept { return uses_ticks_.load(std::memory_order_relaxed); }

  // Extends the map to now, where that is due.
  void tick() noexcept;
  // The wall-clock time of a tick stamp, in nanoseconds.
  std::int64_t wall(std::uint64_t ticks) noexcept;
  // The same for many stamps under one lock.
  template <class F>
  void with_map(F&& f) noexcept {
    const std::lock_guard lock(mutex_);
    f(map_);
  }

 private:
  Clock() noexcept;
  struct Sample {
    TickPair wall, monotonic;
    bool is_known() const noexcept { return monotonic.wall != 0; }
  };
  static Sample sample() noexcept;
  void check(const TickPair& now) noexcept;

  static constinit std::atomic<bool> uses_ticks_;
  std::mutex mutex_;
  // Guarded by it.
  TickMap map_;
  TickPair checked_;        // against CLOCK_MONOTONIC, kept in `wall`
  double checked_rate_ = 0; // nanoseconds per tick then
  int disagreements_ = 0;   // in a row: one alone may be a thread that lost its core between two readings
};

}  // namespace jtrace::inline v1::detail
