// Slot: 512 bytes in which one open span lives, from start to the moment its handle is gone.
//
//   0       head: what the headers know; whose it is; where the next item goes
//   128     RecordHeader, name, items …                       copied into the queue by finish
//   512     … and on into further slots, whose bytes from 128 continue the record
//
// A Span is a pointer to its slot. Slots have no owner: whichever thread lets go of one keeps it for its own next
// span. `generation` grows with each tenant, so that a SpanRef knows when it is late. A slot full of zeros is one that
// a forked child inherited: not recording, nobody's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "jtrace/detail/abi.h"
#include "record/record.h"

namespace jtrace::inline v1::detail {

class Pipeline;

inline constexpr std::size_t kSlotBytes = 512;
inline constexpr std::size_t kSlotHead = 128;
inline constexpr std::size_t kSlotData = kSlotBytes - kSlotHead;

struct alignas(128) Slot {
  SpanHead head;                          // recording: the owner may append
  std::uint32_t free_next;                // NodePool's
  std::atomic<std::uint64_t> generation;  // relaxed: it only tells apart tenants of one thread's making
  Pipeline* pipeline;                     // null: inherited from the parent process
  char* write;                            // the next item's place, in the last slot of the span
  char* limit;
  Slot* last;                             // this one, or the end of the chain
  Slot* next;                             // the slot that continues this one
  SpanContext context;                    // 40 bytes
  std::uint32_t bytes_before;             // recorded in the slots before the last
  std::int32_t exceptions;                // std::uncaught_exceptions() at the start
  bool finished;
  bool counts;                            // sampled: it is in the books until it is finished
  bool ticks;                             // its stamps are ticks, else wall-clock times
  std::atomic<std::uint32_t> chain_next;  // NodePool's
  std::uint32_t chain_size;

  alignas(128) RecordHeader record;
  char body[kSlotData - sizeof(RecordHeader)];

  char* data() noexcept { return reinterpret_cast<char*>(&record); }
  char* data_end() noexcept { return reinterpret_cast<char*>(this) + kSlotBytes; }
};
static_assert(sizeof(Slot) == kSlotBytes && offsetof(Slot, record) == kSlotHead);
static_assert(kSlotData % 32 == 0, "records are copied in steps of 32 bytes");

inline Slot* slot_of(SpanHead* head) noexcept { return reinterpret_cast<Slot*>(head); }
inline const Slot* slot_of(const SpanHead* head) noexcept { return reinterpret_cast<const Slot*>(head); }

}  // namespace jtrace::inline v1::detail
