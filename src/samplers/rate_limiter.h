// RateLimiter: a bucket of credits, one for each trace. It holds max(rate, 1) of them, is full at first, and gets `rate` more each
// second. A rate of 0 gives none.
//
// Its whole state is the time at which it will be full again; a credit taken moves that by what it takes to earn one.
//
//   balance(now) = capacity - rate · max(0, full_at - now)
//
// Thread safety: any thread; without a lock, and one word that is changed at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace jtrace::inline v1::detail {

class RateLimiter {
 public:
  // Times are CLOCK_MONOTONIC's nanoseconds. True: a credit was there, and is taken.
  bool take(double per_second, std::int64_t now) noexcept {
    if (!(per_second > 0)) return false;
    const std::int64_t earned_in = nanoseconds(1 / per_second);
    const std::int64_t slack = nanoseconds(filled_in(per_second) - 1 / per_second);  // missing, and one is still there
    // Relaxed: the word is all there is.
    std::int64_t full = full_at_.load(std::memory_order_relaxed);
    do {
      if (full - now > slack) return false;
    } while (!full_at_.compare_exchange_weak(full, std::max(full, now) + earned_in, std::memory_order_relaxed));
    return true;
  }

  void fill() noexcept { full_at_.store(0, std::memory_order_relaxed); }
  // As full as the other one, in proportion.
  void fill_like(const RateLimiter& other, double its_rate, double rate, std::int64_t now) noexcept {
    const std::int64_t missing = other.full_at_.load(std::memory_order_relaxed) - now;
    if (missing <= 0 || !(its_rate > 0) || !(rate > 0)) return fill();
    const double share = static_cast<double>(missing) / 1e9 / filled_in(its_rate);
    full_at_.store(now + nanoseconds(share * filled_in(rate)), std::memory_order_relaxed);
  }

 private:
  // Seconds.
  static double filled_in(double per_second) noexcept { return std::max(per_second, 1.0) / per_second; }
  static std::int64_t nanoseconds(double seconds) noexcept {
    constexpr double kMost = 1e9;  // thirty years
    return static_cast<std::int64_t>(std::min(seconds, kMost) * 1e9);
  }

  std::atomic<std::int64_t> full_at_{0};
};

}  // namespace jtrace::inline v1::detail
