// ChunkPool: the arena of finished spans, one reservation of max_queue_bytes cut into chunks.
//
//   never used ──▶ (reporter populates ahead) ──▶ free ring ──▶ a thread ──▶ the reporter ──▶ free ring …
//        ▲                                                                                    │
//        └───── cold ring ◀────────── trimmed after a quiet minute: pages given back ◀────────┘
//
// Threads take from the warm ones first; what was never touched comes last, since a first touch costs a page fault.
// Thread safety: take from any thread; give, populate_ahead and trim from the reporter's. Nothing waits: an exhausted
// pool gives 0.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "queue/chunk.h"
#include "queue/index_ring.h"
#include "queue/region.h"

namespace jtrace::inline v1::detail {

class ChunkPool {
 public:
  explicit ChunkPool(std::size_t bytes) noexcept;
  bool is_usable() const noexcept { return memory_ && free_.is_usable() && cold_.is_usable(); }

  // An index from 1, or 0 when the budget is used up.
  std::uint32_t take() noexcept;
  void give(std::uint32_t index) noexcept;
  Chunk* chunk(std::uint32_t index) const noexcept { return reinterpret_cast<Chunk*>(memory_.data()) + (index - 1); }

  std::uint32_t capacity() const noexcept { return capacity_; }
  // Chunks that threads hold or the reporter has yet to read; a hint while others work.
  std::uint32_t in_use() const noexcept;
  // From this many in use on the reporter should be woken: half of the pool, or of the warm window.
  std::uint32_t wake_threshold() const noexcept { return wake_threshold_; }
  // The reporter cannot read on for now, so that chunks come back to nobody: until it can it is needed for fresh ones only.
  void set_stuck(bool is_stuck) noexcept { is_stuck_.store(is_stuck, std::memory_order_relaxed); }
  // Should whoever took this chunk (0: there was none) wake the reporter? At the threshold and where there
  // was none; while it is stuck, where touched chunks run out.
  bool needs_reporter(std::uint32_t taken) const noexcept;

  // Keeps a few touched chunks in the free ring while the pool is in demand, more while the reporter is stuck.
  void populate_ahead() noexcept;
  // Gives the pages of the free chunks back, except for a few.
  void trim() noexcept;

 private:
  bool take_untouched(std::uint32_t& index) noexcept;
  void strand(std::uint32_t index) noexcept;
  bool take_stranded(std::uint32_t& index) noexcept;

  const Region memory_;
  const std::uint32_t capacity_;
  const std::uint32_t wake_threshold_;
  IndexRing free_;
  IndexRing cold_;
  std::atomic<std::uint32_t> next_unused_{0};
  std::atomic<bool> is_stuck_{false};  // relaxed: a hint
  // A ring refuses while a thread is stopped in the middle of a step; what is given then waits here, linked by
  // Chunk::next under a tagged head.
  std::atomic<std::uint64_t> stranded_{0};
  std::atomic<std::uint32_t> stranded_count_{0};
};

}  // namespace jtrace::inline v1::detail
