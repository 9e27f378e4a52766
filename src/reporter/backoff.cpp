#include "reporter/backoff.h"

#include <algorithm>

namespace jtrace::inline v1::detail {

void Backoff::fail(std::int64_t now, std::int64_t retry_after) noexcept {
  constexpr unsigned kMostDoublings = 30;
  const std::int64_t max = settings_.max.count();
  const std::int64_t initial = std::min(settings_.initial.count(), max);
  const unsigned doublings = std::min(failures_, kMostDoublings);
  const std::int64_t ceiling = initial > (max >> doublings) ? max : initial << doublings;
  const auto wait = static_cast<std::int64_t>(draw() % (static_cast<std::uint64_t>(ceiling) + 1));
  ++failures_;
  until_ = now + std::max(wait, retry_after);
}

// SplitMix64.
std::uint64_t Backoff::draw() noexcept {
  std::uint64_t mixed = random_ += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

}  // namespace jtrace::inline v1::detail
