// IndexRing: a bounded FIFO of chunk indices, for many takers and givers, without locks.
//
//   cell:  [turn | value]   position p uses cell p mod capacity, in lap p / capacity
//   turn = 2·lap       free: a giver may write           giver:  value, then turn = 2·lap + 1
//   turn = 2·lap + 1   full: a taker may read            taker:  value, then turn = 2·(lap + 1)
//
// Dmitry Vyukov's bounded queue, with turns counted so that zeroed memory is an empty ring: pages that nobody used
// cost nothing. Thread safety: any thread. Never waits; a full or empty ring says so.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "queue/region.h"

namespace jtrace::inline v1::detail {

class IndexRing {
 public:
  explicit IndexRing(std::size_t at_least) noexcept
      : capacity_(std::bit_ceil(static_cast<std::uint32_t>(at_least))), memory_(capacity_ * sizeof(Cell)) {}

  bool is_usable() const noexcept { return static_cast<bool>(memory_); }

  bool try_give(std::uint32_t value) noexcept {
    std::uint64_t at = give_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells()[at & (capacity_ - 1)];
      // acquire: pairs with the taker's release, so that its read of the value is over.
      const auto behind = static_cast<std::int32_t>(cell.turn.load(std::memory_order_acquire) - 2 * lap(at));
      if (behind < 0) return false;
      if (behind > 0) {
        at = give_.load(std::memory_order_relaxed);
      } else if (give_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        cell.value = value;
        cell.turn.store(2 * lap(at) + 1, std::memory_order_release);  // pairs with the acquire in try_take
        return true;
      }
    }
  }

  bool try_take(std::uint32_t& value) noexcept {
    std::uint64_t at = take_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells()[at & (capacity_ - 1)];
      // acquire: pairs with the giver's release, so that the value and what it names are whole.
      const auto behind = static_cast<std::int32_t>(cell.turn.load(std::memory_order_acquire) - (2 * lap(at) + 1));
      if (behind < 0) return false;
      if (behind > 0) {
        at = take_.load(std::memory_order_relaxed);
      } else if (take_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        value = cell.value;
        cell.turn.store(2 * (lap(at) + 1), std::memory_order_release);  // pairs with the acquire in try_give
        return true;
      }
    }
  }

  // A hint: the two positions are read one after the other.
  std::uint32_t size() const noexcept {
    const std::uint64_t taken = take_.load(std::memory_order_relaxed);
    const std::uint64_t given = give_.load(std::memory_order_relaxed);
    return given > taken ? static_cast<std::uint32_t>(given - taken) : 0;
  }

 private:
  struct Cell {
    std::atomic<std::uint32_t> turn;
    std::uint32_t value;
  };

  Cell* cells() const noexcept { return reinterpret_cast<Cell*>(memory_.data()); }
  // Cut to 32 bits: turns are compared by difference, and no cell is 2³⁰ laps behind.
  std::uint32_t lap(std::uint64_t position) const noexcept { return static_cast<std::uint32_t>(position / capacity_); }

  const std::uint32_t capacity_;
  const Region memory_;
  alignas(128) std::atomic<std::uint64_t> give_{0};
  alignas(128) std::atomic<std::uint64_t> take_{0};
};

}  // namespace jtrace::inline v1::detail
