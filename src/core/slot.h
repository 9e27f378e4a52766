// Slot: 512 bytes in which one open span lives, from start to the moment its handle is gone.
//
//   0       head: what the headers know; whose it is; where the next item goes
//   128     RecordHeader, name, items …                       copied into the queue by finish
//   512     … and on into further slots, whose bytes from 128 continue the record
//
// A Span is a pointer to its slot. Slots have no owner: whichever thread lets go of one keeps it for its own next
// span. `tenant` names the span, so that a SpanRef knows when it is late. A slot full of zeros is one that
// a forked child inherited: not recording, nobody's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/thread.h"
#include "jtrace/detail/abi.h"
#include "queue/chunk.h"
#include "record/record.h"

namespace jtrace::inline v1::detail {

class Pipeline;

inline constexpr std::size_t kSlotBytes = 512;
inline constexpr std::size_t kSlotHead = 128;
inline constexpr std::size_t kSlotData = kSlotBytes - kSlotHead;

struct alignas(128) Slot {
  enum : std::uint32_t {
    kCounts = 1,    // sampled: it is in the books until it is finished
    kFinished = 2,
    kTicks = 4,     // its stamps are ticks, else wall-clock times
    kExtended = 8,  // goes on in further slots: `last`, `next` and `bytes_before` count
    kBaggage = 16,  // the context holds a share of a block on the heap
    kUnsampled = 32,  // nothing but its context
    kLeft = 64,       // was sampled, until it was told to be left out
  };

  SpanHead head;                          // its mode: of the bits above; a free slot is not recording
  std::atomic<std::uint64_t> tenant;      // by the span's id, 0 when it is gone; relaxed: for one thread at a time
  Mark core;                              // whose span it is, …
  Pipeline* pipeline;                     // … and where it goes; both 0: inherited from the parent process
  SpanContext context;                    // without baggage in a free slot
  std::uint32_t exceptions;               // uncaught at the start
  std::uint32_t bytes_before;             // recorded in the slots before the last
  Slot* last;                             // the end of the chain
  Slot* next;                             // the slot that continues this one
  std::uint32_t free_next;                // NodePool's …
  std::atomic<std::uint32_t> chain_next;
  std::uint32_t chain_size;

  // The tenant of a span that is not sampled, and whose record has its ids and its name all the same, in case that it is to be kept
  // after all. Others have their id.
  static constexpr std::uint64_t whole(std::uint64_t span_id) noexcept { return ~span_id; }

  bool has(std::uint32_t bit) const noexcept { return (head.mode & bit) != 0; }

  alignas(128) RecordHeader record;
  char body[kSlotData - sizeof(RecordHeader)];

  char* data() noexcept { return reinterpret_cast<char*>(&record); }
  char* data_end() noexcept { return reinterpret_cast<char*>(this) + kSlotBytes; }
};
static_assert(sizeof(Slot) == kSlotBytes && offsetof(Slot, record) == kSlotHead);
static_assert(kSlotData % kCopyStep == 0, "the last step of a copy stays within the slot");

inline Slot* slot_of(SpanHead* head) noexcept { return reinterpret_cast<Slot*>(head); }
inline const Slot* slot_of(const SpanHead* head) noexcept { return reinterpret_cast<const Slot*>(head); }

}  // namespace jtrace::inline v1::detail
