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
    if (!is_in(hint_, ticks)) [[unlikely]] hint_ = piece_of(ticks);
    return on(pieces_[hint_ % kPieces], ticks);
  }
  // Is it time to look again? Every quarter of a second, and more often while the rate rests on a short baseline: then
  // what is extended beyond the last look stays as precise as the looks themselves.
  bool is_due(std::uint64_t ticks) const noexcept;

 private:
  struct Piece {
    TickPair from;
    double rate = 0;  // nanoseconds per tick
  };
  static constexpr std::size_t kPieces = 256;  // eight a second: stamps of the last half minute keep their own piece

  void append(const TickPair& from, double rate) noexcept;
  bool is_in(std::size_t piece, std::uint64_t ticks) const noexcept {
    return ticks >= pieces_[piece % kPieces].from.ticks &&
           (piece + 1 == count_ || ticks < pieces_[(piece + 1) % kPieces].from.ticks) && piece + kPieces > count_;
  }
  std::size_t piece_of(std::uint64_t ticks) const noexcept;
  static std::int64_t on(const Piece& piece, std::uint64_t ticks) noexcept {
    const auto since = static_cast<std::int64_t>(ticks - piece.from.ticks);
    return piece.from.wall + static_cast<std::int64_t>(static_cast<double>(since) * piece.rate);
  }

  std::array<Piece, kPieces> pieces_{};
  std::size_t count_ = 0;       // ever appended
  std::size_t hint_ = 0;        // the piece that was used last
  std::uint64_t looked_ = 0;    // the ticks of the last extend
  TickPair first_;              // of the rate's baseline
  std::uint64_t converted_ = 0; // the latest tick that a conversion relied on
};

}  // namespace jtrace::inline v1::detail
