// Chunk: 4 KiB of finished records from one thread, the unit that travels through the queue.
//
//   0            64           128                                         4096
//   ┌────────────┬────────────┬────────┬────────┬────────┬───────────┬────┐
//   │ producer's │ reporter's │ record │ record │ record │ not yet   │ pad│
//   └────────────┴────────────┴────────┴────────┴────────┴───────────┴────┘
//                             │◀─ released ─▶│◀─ drained ─▶│         committed: bytes that may be read
//
// A chunk belongs to one thread (which appends and moves `committed`) and to the reporter (which reads up to it and
// moves the other two marks). When it is full the thread links the next one and never looks back; the reporter frees
// it once it has read all. Chunks hold no pointers and name their format, so that what is committed could be read by
// another process: records carry their size and a number that grows by one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace jtrace::inline v1::detail {

inline constexpr std::size_t kChunkBytes = 4096;
inline constexpr std::uint32_t kChunkFormat = 0x4a543031;  // "JT01"

struct alignas(64) Chunk {
  // The producer's.
  std::uint32_t format;
  std::uint32_t thread;                  // index of the thread state
  std::uint64_t number;                  // of this chunk in its thread
  std::atomic<std::uint32_t> committed;  // release by the producer, acquire by the reporter: records are whole
  std::atomic<std::uint32_t> next;       // 0, or the chunk after this one: release/acquire as above

  // The reporter's.
  alignas(64) std::uint32_t drained;  // encoded into a batch
  std::uint32_t released;             // no longer needed, also not for sending again

  alignas(64) char payload[kChunkBytes - 128];
};
static_assert(sizeof(Chunk) == kChunkBytes);

// Records are copied in steps of this size; the last step may reach beyond a record, never beyond the payload.
inline constexpr std::size_t kCopyStep = 128;
inline constexpr std::size_t kChunkCapacity = sizeof(Chunk::payload) - kCopyStep;

}  // namespace jtrace::inline v1::detail
