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
  std::int64_t wall(std::uint64_t ticks) noexcept {
    if (ticks > converted_) converted_ = ticks;
    return on(piece_of(ticks), ticks);
  }

 private:
  struct Piece {
    TickPair from;
    double rate = 0;  // nanoseconds per tick
  };
  static constexpr std::size_t kPieces = 256;  // two a second: stamps of the last two minutes keep their own piece

  void append(const TickPair& from, double rate) noexcept;
  const Piece& piece_of(std::uint64_t ticks) const noexcept {
    const std::size_t kept = count_ < kPieces ? count_ : kPieces;
    for (std::size_t back = 1; back < kept; ++back) {
      const Piece& piece = pieces_[(count_ - back) % kPieces];
      if (ticks >= piece.from.ticks) return piece;
    }
    return pieces_[(count_ - kept) % kPieces];
  }
  static std::int64_t on(const Piece& piece, std::uint64_t ticks) noexcept {
    const auto since = static_cast<std::int64_t>(ticks - piece.from.ticks);
    return piece.from.wall + static_cast<std::int64_t>(static_cast<double>(since) * piece.rate);
  }

  std::array<Piece, kPieces> pieces_{};
  std::size_t count_ = 0;       // ever appended
  TickPair first_;              // of the rate's baseline
  std::uint64_t converted_ = 0; // the latest tick that a conversion relied on
};

}  // namespace jtrace::inline v1::detail
