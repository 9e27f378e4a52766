#include "clock/tick_map.h"

#include <algorithm>
#include <cstdlib>

namespace jtrace::inline v1::detail {
namespace {

// A long baseline gives a precise rate, a recent one follows a clock that is being slewed.
constexpr std::int64_t kBaseline = 4'000'000'000;

double rate_between(const TickPair& from, const TickPair& to) noexcept {
  return static_cast<double>(to.wall - from.wall) / static_cast<double>(to.ticks - from.ticks);
}

}  // namespace

void TickMap::begin(const TickPair& first) noexcept {
  count_ = 0;
  hint_ = 0;
  looked_ = first.ticks;
  first_ = first;
  converted_ = first.ticks;
  append(first, 0.5);
}

void TickMap::extend(const TickPair& now) noexcept {
  if (now.ticks <= first_.ticks) return;
  looked_ = now.ticks;
  const Piece& last = pieces_[(count_ - 1) % kPieces];
  // From here on nothing was converted yet. The very first piece was only a guess.
  const bool fresh = count_ == 1 && converted_ == last.from.ticks;
  TickPair from = last.from;
  if (!fresh) {
    from.ticks = std::max(converted_, last.from.ticks);
    from.wall = on(last, from.ticks);
  }
  double rate = rate_between(first_, now);
  if (now.ticks > from.ticks) {
    const std::int64_t predicted = fresh ? now.wall : from.wall + static_cast<std::int64_t>(
                                       rate * static_cast<double>(now.ticks - from.ticks));
    // A clock may be slewed by some 500 ppm: over a long wait that is more than a jump.
    const std::int64_t tolerated = std::max(kJump, std::abs(now.wall - from.wall) / 1000);
    const bool jumped = std::max(predicted, now.wall) - std::min(predicted, now.wall) > tolerated || rate <= 0;
    if (jumped) {
      first_ = now;  // a clock that was set says nothing about the rate
      append(now, last.rate);
      converted_ = now.ticks;
      return;
    }
    // To the measured pair, but never backwards and never faster than twice the rate: what remains is made up for
    // by the next piece.
    append(from, std::clamp(rate_between(from, now), rate / 2, rate * 2));
  }
  const std::uint64_t until = std::max(now.ticks, from.ticks);
  const TickPair reached = {until, on(pieces_[(count_ - 1) % kPieces], until)};
  if (now.wall - first_.wall > kBaseline) first_ = now;
  append(reached, rate);
  converted_ = std::max(converted_, now.ticks);
}

bool TickMap::is_due(std::uint64_t ticks) const noexcept {
  constexpr double kLongest = 250'000'000;  // nanoseconds
  if (count_ == 1) return true;
  const auto since = static_cast<double>(static_cast<std::int64_t>(ticks - looked_));
  const auto baseline = static_cast<double>(static_cast<std::int64_t>(ticks - first_.ticks));
  return since * pieces_[(count_ - 1) % kPieces].rate >= kLongest || since >= baseline / 8;
}

std::size_t TickMap::piece_of(std::uint64_t ticks) const noexcept {
  const std::size_t kept = std::min(count_, kPieces);
  for (std::size_t back = 1; back < kept; ++back) {
    if (ticks >= pieces_[(count_ - back) % kPieces].from.ticks) return count_ - back;
  }
  return count_ - kept;
}

void TickMap::append(const TickPair& from, double rate) noexcept {
  pieces_[count_ % kPieces] = {from, rate};
  ++count_;
}

}  // namespace jtrace::inline v1::detail
