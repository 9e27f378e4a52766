// ThreadState: one thread's end of the queue, and its counters.
//
// Made by SpanQueue for a thread at its first span, written by that thread, read by the reporter. Never freed, only
// recycled: a thread that starts later continues where an ended one stopped, in the same chunk. The producer's and the
// reporter's members lie on lines of their own, 128 bytes apart, since neighbours are fetched in pairs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "queue/chunk.h"
#include "queue/node_pool.h"

namespace jtrace::inline v1::detail {

// A counter with one writer: a plain load and store, which others may read at any time.
class Counter {
 public:
  void add(std::uint64_t more = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  // Relaxed throughout: a number beside the data, exact when its thread is at rest.
  std::atomic<std::uint64_t> value_{0};
};

struct ThreadCounters {
  // Each span is in one of these four, so that it costs one step to count a trace, too.
  Counter started, not_sampled;                // children, near or far
  Counter roots_sampled, roots_not_sampled;    // first spans of a trace
  Counter joined_sampled, joined_not_sampled;  // those of the children whose parent is far
  Counter cut;
  Counter dropped_queue_full, dropped_open_limit, dropped_closed;
  Counter finished_twice, baggage_dropped, baggage_set, baggage_refused, baggage_truncated, decoding_errors;
};

struct alignas(128) ThreadState {
  // The producer's: where the next record goes.
  char* write = nullptr;
  char* limit = nullptr;
  Chunk* chunk = nullptr;
  Counter pushed;    // records, ever: their sequence numbers
  LocalNodes slots;  // free spans
  std::uint64_t chunk_number = 0;
  ThreadCounters counters;

  // Its place among the states, fixed once it is handed out; the links belong to whoever holds it.
  std::uint32_t index = 0;
  std::uint32_t free_next = 0;
  ThreadState* next_of_thread = nullptr;  // the same thread's state in another queue
  void* owner = nullptr;  // whose queue it is

  // The way in for the reporter: the first chunk ever. release by the producer, acquire by the reporter.
  std::atomic<std::uint32_t> first_chunk{0};

  // The reporter's: what was read so far.
  alignas(128) std::uint32_t read_chunk = 0;
  std::uint32_t read_offset = 0;
  Counter drained;
  std::uint64_t flush_target = 0;
};

}  // namespace jtrace::inline v1::detail
