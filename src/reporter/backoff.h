// Backoff: when to try again after a failure. The wait doubles from `initial` up to `max`, and is drawn anew each time from
// nothing up to that (full jitter), so that many processes do not come back in step. A server's Retry-After is a
// lower bound. A flush may cut one wait short.
//
// Used by the reporter's thread. Times are CLOCK_MONOTONIC in nanoseconds.
#pragma once

#include <cstdint>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

class Backoff {
 public:
  using Settings = RetrySettings;
  Backoff(const Settings& settings, std::uint64_t seed) noexcept : settings_(settings), random_(seed) {}

  // An attempt failed in a way that another one may make good.
  void fail(std::int64_t now, std::int64_t retry_after) noexcept;
  // The far side has answered for good.
  void succeed() noexcept { failures_ = 0, until_ = 0; }
  void cut_short() noexcept { until_ = 0; }

  // Has the last attempt failed?
  bool is_failing() const noexcept { return failures_ != 0; }
  // How long to wait until the next attempt; 0: now.
  std::int64_t left(std::int64_t now) const noexcept { return until_ > now ? until_ - now : 0; }

 private:
  std::uint64_t draw() noexcept;

  const Settings settings_;
  std::uint64_t random_;
  unsigned failures_ = 0;  // in a row
  std::int64_t until_ = 0;
};

}  // namespace jtrace::inline v1::detail
