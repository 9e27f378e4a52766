#include "queue/span_queue.h"

#include <new>

namespace jtrace::inline v1::detail {
namespace {

RecordHeader piece_in(const Chunk& chunk) noexcept {
  RecordHeader piece;
  std::memcpy(&piece, chunk.payload, sizeof piece);
  return piece;
}

}  // namespace

SpanQueue::SpanQueue(std::size_t bytes) noexcept : states_(kMostThreads * sizeof(ThreadState)), chunks_(bytes) {}

ThreadState* SpanQueue::adopt() noexcept {
  std::uint64_t top = free_states_.load(std::memory_order_acquire);
  while (static_cast<std::uint32_t>(top) != 0) {
    ThreadState& ended = state(static_cast<std::uint32_t>(top) - 1);
    // A state that another thread has just adopted may be read here: then the tag has changed.
    const std::uint32_t below = std::atomic_ref(ended.free_next).load(std::memory_order_relaxed);
    const std::uint64_t next = ((top >> 32) + 1) << 32 | below;
    if (free_states_.compare_exchange_weak(top, next, std::memory_order_acquire)) return &ended;
  }
  std::uint32_t index = next_state_.load(std::memory_order_relaxed);
  do {
    if (index >= kMostThreads) return nullptr;
    // Zeroed pages are a state that nobody has used.
  } while (!next_state_.compare_exchange_weak(index, index + 1, std::memory_order_acq_rel));
  ThreadState& fresh = state(index);
  fresh.index = index;
  return &fresh;
}

void SpanQueue::retire(ThreadState* ended) noexcept {
  std::uint64_t top = free_states_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    std::atomic_ref(ended->free_next).store(static_cast<std::uint32_t>(top), std::memory_order_relaxed);
    next = ((top >> 32) + 1) << 32 | (ended->index + 1);
    // release: pairs with the acquire in adopt, so that the next thread finds the chunk as this one left it.
  } while (!free_states_.compare_exchange_weak(top, next, std::memory_order_release, std::memory_order_relaxed));
}

std::uint64_t SpanQueue::size() const noexcept {
  std::uint64_t queued = 0;
  for (std::uint32_t i = 0; i < state_count(); ++i) {
    const std::uint64_t drained = state(i).drained.get();
    const std::uint64_t pushed = state(i).pushed.get();
    queued += pushed > drained ? pushed - drained : 0;
  }
  return queued;
}

std::uint32_t SpanQueue::take_chunk() noexcept {
  const std::uint32_t index = chunks_.take();
  const auto wake = wake_.load(std::memory_order_acquire);
  if (wake && chunks_.needs_reporter(index)) wake(whom_);
  return index;
}

// Linked by `next`, or none at all.
std::uint32_t SpanQueue::take_chain(std::size_t count) noexcept {
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t index = take_chunk();
    if (index == 0) {
      while (first != 0) {
        const std::uint32_t next = chunks_.chunk(first)->next.load(std::memory_order_relaxed);
        chunks_.give(first);
        first = next;
      }
      return 0;
    }
    chunks_.chunk(index)->next.store(first, std::memory_order_relaxed);
    first = index;
  }
  return first;
}

void SpanQueue::begin_chunk(ThreadState& state, std::uint32_t index, std::uint32_t next) noexcept {
  Chunk* chunk = chunks_.chunk(index);
  chunk->format = kChunkFormat;
  chunk->thread = state.index;
  chunk->number = state.chunk_number++;
  // Relaxed: the reporter sees the chunk only through a link or first_chunk, which are stored with release.
  chunk->committed.store(0, std::memory_order_relaxed);
  chunk->next.store(next, std::memory_order_relaxed);
  chunk->drained = 0;
  chunk->released = 0;
  state.chunk = chunk;
  state.write = chunk->payload;
  state.limit = chunk->payload + kChunkCapacity;
}

bool SpanQueue::next_chunk(ThreadState& state) noexcept {
  const std::uint32_t index = take_chunk();
  if (index == 0) return false;
  Chunk* full = state.chunk;
  begin_chunk(state, index, 0);
  if (full) {
    full->next.store(index, std::memory_order_release);  // pairs with the acquire in move_on
  } else {
    state.first_chunk.store(index, std::memory_order_release);  // pairs with the acquire in readable
  }
  return true;
}

Chunk* SpanQueue::readable(ThreadState& state) noexcept {
  if (state.read_chunk == 0) {
    state.read_chunk = state.first_chunk.load(std::memory_order_acquire);
    if (state.read_chunk == 0) return nullptr;
  }
  return chunks_.chunk(state.read_chunk);
}

// To the next chunk, if the thread has one; true also when this one has got more meanwhile.
bool SpanQueue::move_on(ThreadState& state) noexcept {
  Chunk* chunk = chunks_.chunk(state.read_chunk);
  const std::uint32_t next = chunk->next.load(std::memory_order_acquire);
  // Committed is final once the link is seen, and may have grown before that.
  if (chunk->committed.load(std::memory_order_acquire) > state.read_offset) return true;
  if (next == 0) return false;
  give_chunk(state.read_chunk);
  state.read_chunk = next;
  state.read_offset = 0;
  return true;
}

SpanQueue::Joined SpanQueue::end_of_pieces(std::uint32_t index) const noexcept {
  for (Joined end{index, 0, 0};;) {
    const Chunk* chunk = chunks_.chunk(end.chunk);
    const RecordHeader piece = piece_in(*chunk);
    end.bytes += piece.name_size;
    end.offset = piece.size;
    if ((piece.flags & kLastFragment) != 0) return end;
    end.chunk = chunk->next.load(std::memory_order_acquire);
  }
}

Run SpanQueue::join(std::uint32_t index, std::size_t bytes) noexcept {
  try {
    joined_.resize(bytes);
  } catch (const std::bad_alloc&) {
    return {};
  }
  for (std::size_t done = 0; done != bytes;) {
    const Chunk* chunk = chunks_.chunk(index);
    const std::size_t size = piece_in(*chunk).name_size;
    std::memcpy(joined_.data() + done, chunk->payload + sizeof(RecordHeader), size);
    done += size;
    index = chunk->next.load(std::memory_order_acquire);
  }
  return {joined_.data(), joined_.data() + bytes};
}

void SpanQueue::skip_to(ThreadState& state, const Joined& end) noexcept {
  while (state.read_chunk != end.chunk) {
    const std::uint32_t next = chunks_.chunk(state.read_chunk)->next.load(std::memory_order_acquire);
    give_chunk(state.read_chunk);
    state.read_chunk = next;
  }
  state.read_offset = end.offset;
}

void SpanQueue::give_chunk(std::uint32_t index) noexcept {
  Chunk* chunk = chunks_.chunk(index);
  chunk->drained = chunk->released = chunk->committed.load(std::memory_order_relaxed);
  chunks_.give(index);
}

}  // namespace jtrace::inline v1::detail
