#include "queue/chunk_pool.h"

#include <algorithm>

namespace jtrace::inline v1::detail {
namespace {

// A choice: a window that a second-level cache and the reporter's core still hold; half of it wakes the reporter.
constexpr std::uint32_t kWarmChunks = 8 * 1024 * 1024 / kChunkBytes;
constexpr std::uint32_t kAheadChunks = 64;  // 256 KiB: some 2,000 spans without a page fault
constexpr std::uint32_t kAheadWhenStuck = 256;
constexpr std::uint32_t kKeptChunks = 64;

}  // namespace

ChunkPool::ChunkPool(std::size_t bytes) noexcept
    : memory_(std::max(bytes, 16 * kChunkBytes)),
      capacity_(static_cast<std::uint32_t>(memory_.size() / kChunkBytes)),
      wake_threshold_(std::max(1u, std::min(capacity_, kWarmChunks) / 2)),
      free_(capacity_ + 1),
      cold_(capacity_ + 1) {}

std::uint32_t ChunkPool::take() noexcept {
  std::uint32_t index = 0;
  if (free_.try_take(index) || take_untouched(index)) return index;
  // The reporter may have given one back meanwhile.
  return take_stranded(index) || free_.try_take(index) ? index : 0;
}

void ChunkPool::give(std::uint32_t index) noexcept {
  if (!free_.try_give(index) && !cold_.try_give(index)) strand(index);
}

void ChunkPool::strand(std::uint32_t index) noexcept {
  stranded_count_.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t top = stranded_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    chunk(index)->next.store(static_cast<std::uint32_t>(top), std::memory_order_relaxed);
    next = ((top >> 32) + 1) << 32 | index;
    // release: pairs with the acquire in take_stranded, so that the link is whole.
  } while (!stranded_.compare_exchange_weak(top, next, std::memory_order_release, std::memory_order_relaxed));
}

bool ChunkPool::take_stranded(std::uint32_t& index) noexcept {
  std::uint64_t top = stranded_.load(std::memory_order_acquire);
  while (static_cast<std::uint32_t>(top) != 0) {
    const auto head = static_cast<std::uint32_t>(top);
    // May be a chunk that another thread has just taken: then the tag has changed and the exchange fails.
    const std::uint64_t next = ((top >> 32) + 1) << 32 | chunk(head)->next.load(std::memory_order_relaxed);
    if (stranded_.compare_exchange_weak(top, next, std::memory_order_acquire, std::memory_order_acquire)) {
      stranded_count_.fetch_sub(1, std::memory_order_relaxed);
      index = head;
      return true;
    }
  }
  return false;
}

bool ChunkPool::take_untouched(std::uint32_t& index) noexcept {
  if (cold_.try_take(index)) return true;
  std::uint32_t unused = next_unused_.load(std::memory_order_relaxed);
  while (unused < capacity_) {
    if (next_unused_.compare_exchange_weak(unused, unused + 1, std::memory_order_relaxed)) {
      index = unused + 1;
      return true;
    }
  }
  return false;
}

std::uint32_t ChunkPool::in_use() const noexcept {
  const std::uint32_t idle = free_.size() + cold_.size() + stranded_count_.load(std::memory_order_relaxed);
  const std::uint32_t used = std::min(next_unused_.load(std::memory_order_relaxed), capacity_);
  return used > idle ? used - idle : 0;
}

bool ChunkPool::needs_reporter(std::uint32_t taken) const noexcept {
  if (!is_stuck_.load(std::memory_order_relaxed)) return taken == 0 || in_use() >= wake_threshold_;
  return next_unused_.load(std::memory_order_relaxed) < capacity_ && free_.size() < kAheadWhenStuck / 2;
}

void ChunkPool::populate_ahead() noexcept {
  const std::uint32_t ahead = is_stuck_.load(std::memory_order_relaxed) ? kAheadWhenStuck : kAheadChunks;
  while (free_.size() < ahead) {
    std::uint32_t index = 0;
    if (!take_untouched(index)) return;
    memory_.populate((index - 1) * kChunkBytes, kChunkBytes);
    give(index);
  }
}

void ChunkPool::trim() noexcept {
  std::uint32_t index = 0;
  while (free_.size() > kKeptChunks && free_.try_take(index)) {
    memory_.discard((index - 1) * kChunkBytes, kChunkBytes);
    if (!cold_.try_give(index)) strand(index);
  }
}

}  // namespace jtrace::inline v1::detail
