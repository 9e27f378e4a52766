// TickMap: ticks → wall-clock nanoseconds, as a continuous piecewise linear function.
//
//   wall ▲                    ┌ rate ┐
//        │              ●────────────·········   extended at the current rate until somebody looks again
//        │        ●─────┘ extend(): a new piece to the pair that was just measured
//        │  ●─────┘
//        └──┴─────┴─────┴──────────────────▶ ticks
//
// A stamp is converted by the piece that it falls in, whenever that happens; pieces never change once something was
// converted by them, and never run backwards. So the order of stamps is the order of times: a child does not start
// before its parent. A difference over a millisecond is a clock that was set: the function jumps there.
//
// The wire's unit is the microsecond, so a piece counts in microseconds, as a fixed-point number with 64 bits behind the point:
// a conversion is a comparison, a multiplication and an addition. Nanoseconds come from the same number, so that both agree.
// Not thread-safe; Clock guards it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace jtrace::inline v1::detail {

struct TickPair {
  std::uint64_t ticks = 0;
  std::int64_t wall = 0;  // nanoseconds since the epoch
};

class TickMap {
 public:
  static constexpr std::int64_t kJump = 1'000'000;  // a millisecond

  // The first pair; the rate is a guess until the next extend.
  void begin(const TickPair& first) noexcept;
  // `now` was just measured. Everything up to now is on measured pieces afterwards.
  void extend(const TickPair& now) noexcept;

  // Since the epoch. What is a microsecond's fraction is cut off: wall() / 1000 is the same.
  std::int64_t micros(std::uint64_t ticks) noexcept {
    rely_on(ticks);
    return micros_before(ticks);
  }
  // The same for a stamp that another one follows, which is relied on, too.
  std::int64_t micros_before(std::uint64_t ticks) noexcept {
    const std::uint64_t since = ticks - last_used_.from;
    if (since >= last_used_.length) [[unlikely]] return static_cast<std::int64_t>(at_another_piece(ticks) >> 64);
    const Fixed passed = Fixed{since} * last_used_.step;
    const std::uint64_t fraction = static_cast<std::uint64_t>(passed) + last_used_.fraction;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(passed >> 64) + last_used_.micros + (fraction < last_used_.fraction));
  }
  std::int64_t wall(std::uint64_t ticks) noexcept { return nanoseconds(at(ticks)); }

  // Is it time to look again? Every quarter of a second, and more often while the rate rests on a short baseline: then
  // what is extended beyond the last look stays as precise as the looks themselves.
  bool is_due(std::uint64_t ticks) const noexcept;

 private:
  __extension__ using Fixed = unsigned __int128;  // microseconds: 64 bits before the point, 64 behind

  struct Piece {
    TickPair from;
    double rate = 0;         // nanoseconds per tick
    Fixed origin = 0;        // from.wall
    std::uint64_t step = 0;  // the rate: what is behind the point

    Fixed at(std::uint64_t ticks) const noexcept {
      return ticks >= from.ticks ? origin + Fixed{ticks - from.ticks} * step : origin - Fixed{from.ticks - ticks} * step;
    }
  };
  // The piece that was used last, with all that a conversion needs.
  struct Range {
    std::uint64_t from = 0, length = 0;  // ticks
    std::uint64_t step = 0;
    std::uint64_t micros = 0, fraction = 0;  // the origin
  };
  static constexpr std::size_t kPieces = 256;  // eight a second: stamps of the last half minute keep their own piece

  void rely_on(std::uint64_t ticks) noexcept {
    if (ticks > converted_) converted_ = ticks;
  }
  Fixed at(std::uint64_t ticks) noexcept {
    rely_on(ticks);
    const std::uint64_t since = ticks - last_used_.from;
    if (since >= last_used_.length) [[unlikely]] return at_another_piece(ticks);
    return (Fixed{last_used_.micros} << 64 | last_used_.fraction) + Fixed{since} * last_used_.step;
  }
  static std::int64_t nanoseconds(Fixed time) noexcept {
    const Fixed fraction = Fixed{static_cast<std::uint64_t>(time)} * 1000;
    return static_cast<std::int64_t>(time >> 64) * 1000 + static_cast<std::int64_t>(fraction >> 64);
  }
  Fixed at_another_piece(std::uint64_t ticks) noexcept;
  std::size_t piece_of(std::uint64_t ticks) const noexcept;
  void append(const TickPair& from, double rate) noexcept;

  std::array<Piece, kPieces> pieces_{};
  std::size_t count_ = 0;       // ever appended
  Range last_used_;
  std::uint64_t looked_ = 0;    // the ticks of the last extend
  TickPair first_;              // of the rate's baseline
  std::uint64_t converted_ = 0; // the latest tick that a conversion relied on
};

}  // namespace jtrace::inline v1::detail
