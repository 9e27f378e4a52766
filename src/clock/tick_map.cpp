#include "clock/tick_map.h"

#include <algorithm>
#include <cmath>
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
    from.wall = nanoseconds(last.at(from.ticks));
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
  const TickPair reached = {until, nanoseconds(pieces_[(count_ - 1) % kPieces].at(until))};
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

TickMap::Fixed TickMap::at_another_piece(std::uint64_t ticks) noexcept {
  const std::size_t number = piece_of(ticks);
  const Piece& piece = pieces_[number % kPieces];
  const bool is_last = number + 1 == count_;
  const std::uint64_t until = is_last ? ~std::uint64_t{0} : pieces_[(number + 1) % kPieces].from.ticks;
  last_used_ = {piece.from.ticks, until - piece.from.ticks, piece.step,
                static_cast<std::uint64_t>(piece.origin >> 64), static_cast<std::uint64_t>(piece.origin)};
  return piece.at(ticks);
}

// Both numbers are rounded up by less than a part of 2^64, so that what is a whole microsecond stays one.
void TickMap::append(const TickPair& from, double rate) noexcept {
  constexpr std::uint64_t kNanosecond = ~std::uint64_t{0} / 1000 + 1;
  constexpr double kSlowest = 999;  // nanoseconds per tick: counters are faster than a megahertz
  const std::int64_t micros = from.wall / 1000 - (from.wall % 1000 < 0);
  const Fixed origin = Fixed{static_cast<std::uint64_t>(micros)} << 64;
  const auto step = (static_cast<Fixed>(std::ldexp(std::clamp(rate, 0.0, kSlowest), 64)) + 999) / 1000;
  pieces_[count_ % kPieces] = {from, rate, origin + static_cast<std::uint64_t>(from.wall - micros * 1000) * kNanosecond,
                               static_cast<std::uint64_t>(step)};
  ++count_;
  last_used_ = {};  // it may have ended here
}

}  // namespace jtrace::inline v1::detail
