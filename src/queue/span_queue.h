// SpanQueue: finished spans on their way from the callers' threads to the reporter, bounded in bytes, without locks.
//
//   thread A ─▶ [chunk]─▶[chunk]─▶[chunk being filled]        each thread its own list: one producer,
//   thread B ─▶ [chunk being filled]                          one reader, no contention
//                  │
//                  └── reporter walks all threads in turn, a quantum each, and gives read chunks back
//
// Promises: a push never waits, and either takes the whole record or counts it as dropped; records of one thread come
// out in their order; a record is seen whole or not at all. A record larger than a chunk is cut into fragments over
// chunks of its own, which become visible by one store, and is joined again for the reader.
//
// Thread safety: push by the thread that holds the state; adopt and retire by any thread; drain by one reader at a
// time.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "queue/chunk_pool.h"
#include "queue/thread_state.h"
#include "record/record_view.h"

namespace jtrace::inline v1::detail {

class SpanQueue {
 public:
  // The most threads that may trace at the same time; what comes beyond is dropped and counted. 8 MiB of addresses.
  static constexpr std::uint32_t kMostThreads = 16384;

  explicit SpanQueue(std::size_t bytes) noexcept;
  bool is_usable() const noexcept { return states_ && chunks_.is_usable(); }

  // A state for the calling thread, from an ended thread if there is one; null beyond kMostThreads.
  ThreadState* adopt() noexcept;
  // The thread has ended; what it finished stays queued.
  void retire(ThreadState* state) noexcept;

  // Does a record of this size fit into the thread's chunk?
  static bool has_room(const ThreadState& state, std::size_t size) noexcept {
    return size <= static_cast<std::size_t>(state.limit - state.write);
  }
  // Copies a finished record of `size` bytes (a multiple of 8; readable up to the next copy step) there. Sets the header's
  // size and sequence.
  static void push_here(ThreadState& state, char* record, std::size_t size) noexcept {
    Chunk& chunk = *state.chunk;
    const std::uint64_t number = state.pushed.get();
    seal(record, size, number);
    char* to = state.write;
    char* const end = to + size;
    state.write = end;
    do {
      std::memcpy(to, record, kCopyStep);
      to += kCopyStep;
      record += kCopyStep;
    } while (to < end);
    mark_committed(chunk, end);
    state.pushed.set(number + 1);
  }
  static bool try_push(ThreadState& state, char* record, std::size_t size) noexcept {
    if (!has_room(state, size)) return false;
    push_here(state, record, size);
    return true;
  }
  // The same with another chunk, if need be. False: no room, nothing taken.
  bool push(ThreadState& state, char* record, std::size_t size) noexcept {
    return try_push(state, record, size) ||
           (size <= kChunkCapacity && next_chunk(state) && try_push(state, record, size));
  }

  // The same for a record that does not lie in one piece or is larger than a chunk: take(to, n) copies its next n
  // bytes, the header first.
  template <class Take>
  bool push_pieces(ThreadState& state, RecordHeader* record, std::size_t size, Take&& take) noexcept;

  // Reads up to `quantum` bytes of one thread, and what the last record has beyond them: take(run) moves a run on by what it takes
  // and returns how many records that were. It is asked until it takes none; those stay for later, with what follows. True
  // if everything that was committed has been read. A run without bytes stands for one record that there is no memory to put together.
  template <class Take>
  bool drain_runs(ThreadState& state, std::size_t quantum, Take&& take);
  // The same record by record: see(record, size) returns false to leave it; null: no memory to put it together.
  template <class See>
  bool drain(ThreadState& state, std::size_t quantum, See&& see);

  // All states that were ever handed out: index 0 to state_count() - 1.
  std::uint32_t state_count() const noexcept {
    // acquire: pairs with adopt, so that the state is constructed when its number is counted.
    return std::min(next_state_.load(std::memory_order_acquire), kMostThreads);
  }
  ThreadState& state(std::uint32_t index) const noexcept {
    return reinterpret_cast<ThreadState*>(states_.data())[index];
  }
  // Records that were pushed and not yet drained; exact when both sides rest.
  std::uint64_t size() const noexcept;

  ChunkPool& chunks() noexcept { return chunks_; }
  const ChunkPool& chunks() const noexcept { return chunks_; }

  // Called from a push that finds the pool half used; must not wait.
  void on_pressure(void (*wake)(void*), void* whom) noexcept {
    whom_ = whom;
    wake_.store(wake, std::memory_order_release);  // pairs with the acquire in take_chunk
  }

 private:
  // Where a record in several pieces ends, and its size.
  struct Joined {
    std::uint32_t chunk, offset;
    std::size_t bytes;
  };

  bool next_chunk(ThreadState& state) noexcept;
  std::uint32_t take_chunk() noexcept;
  std::uint32_t take_chain(std::size_t count) noexcept;
  void begin_chunk(ThreadState& state, std::uint32_t index, std::uint32_t next) noexcept;
  static void mark_committed(Chunk& chunk, const char* end) noexcept {
    // release: pairs with the acquire in drain, so that the records below the mark are whole when seen.
    chunk.committed.store(static_cast<std::uint32_t>(end - chunk.payload), std::memory_order_release);
  }
  static void seal(char* record, std::size_t size, std::uint64_t number) noexcept {
    auto& header = *reinterpret_cast<RecordHeader*>(record);
    header.size = static_cast<std::uint32_t>(size);
    header.sequence = static_cast<std::uint32_t>(number);
  }

  Chunk* readable(ThreadState& state) noexcept;
  bool move_on(ThreadState& state) noexcept;
  template <class Take>
  std::size_t take_run(ThreadState& state, Run run, Take&& take);
  template <class Take>
  std::size_t take_joined(ThreadState& state, Take&& take);
  static bool is_piece(const char* record) noexcept { return RecordView(record).has(kFragment); }
  Joined end_of_pieces(std::uint32_t chunk) const noexcept;
  // Without bytes where there is no memory for them.
  Run join(std::uint32_t chunk, std::size_t bytes) noexcept;
  void skip_to(ThreadState& state, const Joined& end) noexcept;
  void give_chunk(std::uint32_t index) noexcept;

  const Region states_;
  ChunkPool chunks_;
  void* whom_ = nullptr;  // published by wake_
  std::atomic<void (*)(void*)> wake_{nullptr};
  std::vector<char> joined_;  // the reader's
  alignas(128) std::atomic<std::uint32_t> next_state_{0};
  std::atomic<std::uint64_t> free_states_{0};  // a stack of retired states: tag and index + 1
};

template <class Take>
bool SpanQueue::push_pieces(ThreadState& state, RecordHeader* record, std::size_t size, Take&& take) noexcept {
  constexpr std::size_t kPiece = (kChunkCapacity - sizeof(RecordHeader)) & ~std::size_t{7};
  if (size <= kChunkCapacity) {
    if (size > static_cast<std::size_t>(state.limit - state.write) && !next_chunk(state)) return false;
    seal(reinterpret_cast<char*>(record), size, state.pushed.get());
    take(state.write, size);
    state.write += size;
    mark_committed(*state.chunk, state.write);
    state.pushed.add();
    return true;
  }
  if (!state.chunk && !next_chunk(state)) return false;
  const std::uint32_t first = take_chain((size + kPiece - 1) / kPiece);
  if (first == 0) return false;

  seal(reinterpret_cast<char*>(record), size, state.pushed.get());
  RecordHeader header = *record;
  Chunk* before = state.chunk;
  std::uint32_t index = first;
  for (std::size_t left = size; left != 0;) {
    const std::uint32_t next = chunks_.chunk(index)->next.load(std::memory_order_relaxed);
    begin_chunk(state, index, next);
    const std::size_t piece = std::min(left, kPiece);
    left -= piece;
    header.size = static_cast<std::uint32_t>(sizeof header + align8(piece));
    header.name_size = static_cast<std::uint32_t>(piece);
    header.flags = kFragment | (left == 0 ? kLastFragment : 0);
    std::memcpy(state.write, &header, sizeof header);
    take(state.write + sizeof header, piece);
    state.write += header.size;
    mark_committed(*state.chunk, state.write);
    index = next;
  }
  // release: pairs with the acquire in move_on; makes all pieces visible at once.
  before->next.store(first, std::memory_order_release);
  state.pushed.add();
  return true;
}

template <class Take>
bool SpanQueue::drain_runs(ThreadState& state, std::size_t quantum, Take&& take) {
  std::size_t taken = 0;
  while (const Chunk* chunk = readable(state)) {
    // acquire: pairs with the release in mark_committed.
    const std::uint32_t committed = chunk->committed.load(std::memory_order_acquire);
    if (state.read_offset >= committed) {
      if (!move_on(state)) return true;
      continue;
    }
    if (taken >= quantum) return false;
    const char* const first = chunk->payload + state.read_offset;
    const std::size_t most = std::min<std::size_t>(committed - state.read_offset, quantum - taken);
    const std::size_t bytes = is_piece(first) ? take_joined(state, take) : take_run(state, {first, first + most}, take);
    if (bytes == 0) return false;
    taken += bytes;
  }
  return true;
}

// How many bytes were taken.
template <class Take>
std::size_t SpanQueue::take_run(ThreadState& state, Run run, Take&& take) {
  const char* const first = run.at;
  state.drained.add(take(run));
  const auto bytes = static_cast<std::size_t>(run.at - first);
  state.read_offset += static_cast<std::uint32_t>(bytes);
  return bytes;
}

template <class Take>
std::size_t SpanQueue::take_joined(ThreadState& state, Take&& take) {
  const Joined end = end_of_pieces(state.read_chunk);
  Run run = join(state.read_chunk, end.bytes);
  if (take(run) == 0) return 0;
  skip_to(state, end);
  state.drained.add();
  return end.bytes;
}

template <class See>
bool SpanQueue::drain(ThreadState& state, std::size_t quantum, See&& see) {
  return drain_runs(state, quantum, [&](Run& run) {
    if (!run.at) return std::uint64_t{see(nullptr, 0)};
    std::uint64_t records = 0;
    for (; !run.is_read(); ++records) {
      const std::size_t size = RecordView(run.at).header().size;
      if (!see(run.at, size)) break;
      run.at += size;
    }
    return records;
  });
}

}  // namespace jtrace::inline v1::detail
