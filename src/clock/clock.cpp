#include "clock/clock.h"

#include <time.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace jtrace::inline v1::detail {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr int kAttempts = 5;

// 0 where the system says nothing.
std::int64_t read_clock(clockid_t id) noexcept {
  timespec now{};
  if (clock_gettime(id, &now) != 0) return 0;
  return std::int64_t{now.tv_sec} * kNanosecondsPerSecond + now.tv_nsec;
}

alignas(Clock) char clock_memory[sizeof(Clock)];

bool ticks_wanted() noexcept {
  const char* wanted = std::getenv("JTRACE_CLOCK");
  return !(wanted && std::strcmp(wanted, "system") == 0);
}

}  // namespace

std::int64_t wall_now() noexcept { return read_clock(CLOCK_REALTIME); }

// Never destroyed: spans are stamped in static destructors too.
void Clock::begin() noexcept { new (clock_memory) Clock(); }
Clock& Clock::instance() noexcept { return *std::launder(reinterpret_cast<Clock*>(clock_memory)); }

constinit std::atomic<bool> Clock::uses_ticks_{false};

Clock::Clock() noexcept {
  const Sample now = sample();
  uses_ticks_.store(now.is_known() && ticks_wanted() && ticks_are_trusted(), std::memory_order_relaxed);
  map_.begin(now.wall);
  checked_ = now.monotonic;
}

// Both clocks between three readings of the counter; of several attempts the one whose readings lie closest together. Unknown
// where the system's clocks fail.
Clock::Sample Clock::sample() noexcept {
  Sample best{};
  std::uint64_t narrowest = ~std::uint64_t{0};
  for (int i = 0; i < kAttempts; ++i) {
    const std::uint64_t before = read_ticks();
    const std::int64_t wall = read_clock(CLOCK_REALTIME);
    const std::uint64_t between = read_ticks();
    const std::int64_t monotonic = read_clock(CLOCK_MONOTONIC);
    const std::uint64_t after = read_ticks();
    if (after - before >= narrowest || wall == 0 || monotonic == 0) continue;
    narrowest = after - before;
    best = {{before + (between - before) / 2, wall}, {between + (after - between) / 2, monotonic}};
  }
  return best;
}

void Clock::tick() noexcept {
  if (!uses_ticks()) return;
  const std::lock_guard lock(mutex_);
  if (!map_.is_due(read_ticks())) return;
  const Sample now = sample();
  if (!now.is_known()) return;  // the map goes on as before
  check(now.monotonic);
  map_.extend(now.wall);
}

void Clock::check(const TickPair& now) noexcept {
  constexpr std::int64_t kShortest = 100'000'000;  // the two readings lie some 50 ns apart: 1 ppm over this baseline
  constexpr int kEnough = 2;
  const std::int64_t elapsed = now.wall - checked_.wall;
  if (elapsed < kShortest) return;
  const auto ticks = static_cast<double>(static_cast<std::int64_t>(now.ticks - checked_.ticks));
  if (checked_rate_ != 0) {
    const double off = ticks * checked_rate_ - static_cast<double>(elapsed);
    // Slewing changes the rate of CLOCK_MONOTONIC by some 500 ppm.
    const double tolerated = static_cast<double>(TickMap::kJump) + static_cast<double>(elapsed) / 1000;
    disagreements_ = off > tolerated || off < -tolerated ? disagreements_ + 1 : 0;
    if (disagreements_ >= kEnough) uses_ticks_.store(false, std::memory_order_relaxed);
  }
  if (disagreements_ != 0) return;
  checked_rate_ = ticks > 0 ? static_cast<double>(elapsed) / ticks : 0;
  checked_ = now;
}

std::int64_t Clock::wall(std::uint64_t ticks) noexcept {
  const std::lock_guard lock(mutex_);
  return map_.wall(ticks);
}

}  // namespace jtrace::inline v1::detail
