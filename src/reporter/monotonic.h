// The reporter's clock: for deadlines and waits, which no change of the wall clock may stretch.
#pragma once

#include <time.h>

#include <cstdint>

namespace jtrace::inline v1::detail {

// CLOCK_MONOTONIC, in nanoseconds.
inline std::int64_t monotonic_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace jtrace::inline v1::detail
