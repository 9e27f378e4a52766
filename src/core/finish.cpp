#include <algorithm>
#include <cstring>

#include "core/core.h"
#include "core/leader.h"
#include "core/loan.h"
#include "core/process.h"
#include "core/span_writer.h"
#include "core/stamp.h"

namespace jtrace::inline v1::detail {
namespace {

// In its first slot.
std::size_t record_size(Slot& slot) noexcept { return align8(static_cast<std::size_t>(slot.head.write - slot.data())); }

// A record in several slots, piece by piece.
[[gnu::noinline]] bool push_chain(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  const std::size_t size = slot.bytes_before + static_cast<std::size_t>(slot.head.write - slot.last->data());
  Slot* from = &slot;
  std::size_t at = 0;
  return pipeline.queue().push_pieces(state, &slot.record, align8(size), [&](char* to, std::size_t wanted) {
    while (wanted != 0) {
      if (at == kSlotData) {
        from = from->next;
        at = 0;
      }
      const std::size_t part = std::min(wanted, kSlotData - at);
      std::memcpy(to, from->data() + at, part);
      to += part;
      at += part;
      wanted -= part;
    }
  });
}

// Where the chunk is full, or the record does not lie in one piece.
[[gnu::noinline]] void account_slowly(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  if (!state.chunk) pipeline.start_reporter();
  const Chunk* const before = state.chunk;
  const bool pushed = slot.has(Slot::kExtended)
                          ? push_chain(pipeline, state, slot)
                          : pipeline.queue().push(state, slot.data(), record_size(slot));
  if (!pushed) return state.counters.dropped_queue_full.add();
  if ((slot.record.flags & kCut) != 0) state.counters.cut.add();
  if (before && before != state.chunk) pipeline.start_reporter();  // where the first one found no memory, each chunk asks again
}

[[gnu::always_inline]] inline void account(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  if (pipeline.is_closed()) [[unlikely]] return state.counters.dropped_closed.add();
  // What is cut is extended too.
  if (slot.has(Slot::kExtended) || !SpanQueue::try_push(state, slot.data(), record_size(slot))) [[unlikely]]
    account_slowly(pipeline, state, slot);
}

// On a thread that is not idle: it has ended, or was interrupted at work.
[[gnu::noinline, gnu::cold]] void account_elsewhere(Slot& slot) noexcept {
  Pipeline& pipeline = *slot.pipeline;
  ThreadState* orphan = is_ended() ? pipeline.borrow_orphan() : nullptr;
  if (!orphan) return pipeline.count_reentrant(true);
  account(pipeline, *orphan, slot);
  pipeline.return_orphan();
}

[[gnu::always_inline]] inline void stamp_end(Slot& slot, Timestamp at) noexcept {
  const bool is_wall = at != Timestamp() || !slot.has(Slot::kTicks);
  slot.record.end = at != Timestamp() ? wall_stamp(at) : stamp_now(slot.has(Slot::kTicks));
  if (is_wall) slot.record.flags |= kEndIsWall;
}

[[gnu::always_inline]] inline void close_record(Thread* thread, Slot& slot, Timestamp at) noexcept {
  if (!slot.has(Slot::kCounts)) return;
  stamp_end(slot, at);
  if (!thread) [[unlikely]] return account_elsewhere(slot);
  const Busy busy(*thread);
  if (thread->pipeline != slot.pipeline && !uses(*thread, slot.pipeline->core())) [[unlikely]]
    return slot.pipeline->count_open_limit(true);
  account(*slot.pipeline, *thread->state, slot);
}

[[gnu::always_inline]] inline void give_slot(Thread* thread, Slot& slot) noexcept {
  Pipeline& pipeline = *slot.pipeline;
  if (thread && thread->pipeline == &pipeline) [[likely]] {
    const Busy busy(*thread);
    pipeline.slots().give(thread->state->slots, &slot);
  } else {
    pipeline.slots().give_shared(&slot);
  }
}

[[gnu::noinline]] void give_back_chain(Thread* thread, Slot& slot) noexcept {
  slot.head.limit = slot.data_end();
  for (Slot* more = slot.next; more;) {
    Slot* next = more->next;
    more->core = slot.core;
    more->pipeline = slot.pipeline;
    more->head.limit = more->data_end();
    give_slot(thread, *more);
    more = next;
  }
}

[[gnu::always_inline]] inline void give_back(Thread* thread, Slot& slot) noexcept {
  if (slot.has(Slot::kExtended)) [[unlikely]] give_back_chain(thread, slot);
  if (slot.has(Slot::kBaggage)) [[unlikely]] slot.context = SpanContext();
  slot.tenant.store(0, std::memory_order_relaxed);
  slot.head.recording = 0;
  give_slot(thread, slot);
}

// Where this thread may not trace, or this copy of jtrace does not.
[[gnu::noinline, gnu::cold]] void finish_elsewhere(Slot& slot, Timestamp at) noexcept {
  if (const Interface* other = leader()) return other->finish(&slot.head, at);
  if (slot.has(Slot::kFinished)) return;
  slot.head.mode |= Slot::kFinished;
  slot.head.recording = 0;
  close_record(nullptr, slot, at);
}

[[gnu::noinline, gnu::cold]] void release_elsewhere(Slot& slot) noexcept {
  if (const Interface* other = leader()) return other->release_span(&slot.head);
  if (!slot.pipeline) return Process::count_inherited();
  if (!slot.has(Slot::kFinished)) close_record(nullptr, slot, {});
  give_back(nullptr, slot);
}

[[gnu::noinline]] void release_slowly(Slot& slot) noexcept {
  Thread* thread = slot.pipeline ? idle_thread() : nullptr;
  if (!thread) [[unlikely]] return release_elsewhere(slot);
  if (!slot.has(Slot::kFinished)) {
    if (slot.has(Slot::kCounts) && *thread->uncaught > slot.exceptions) {
      if (comes_back(*thread, slot)) return;
      put_error(slot, {}, {});
    }
    close_record(thread, slot, {});
  }
  give_back(thread, slot);
}

[[gnu::always_inline]] inline bool keep_warm(ThreadState& state, Slot& slot) noexcept {
  slot.tenant.store(0, std::memory_order_relaxed);
  state.slots.warm = &slot;
  return true;
}

// The usual end: a sampled span that was not finished, on a thread that has traced here before, without an exception, in
// one slot and with room in the chunk. The same as release_slowly(), without a call on the way. False: nothing was done.
[[gnu::always_inline]] inline bool release_fast(Thread& thread, Slot& slot) noexcept {
  // Not sampled: there is nothing to hand over.
  if (slot.head.mode == Slot::kUnsampled) return !thread.state->slots.warm && keep_warm(*thread.state, slot);
  const bool is_usual = slot.head.mode == (Slot::kCounts | Slot::kTicks) && *thread.uncaught == 0 &&
                        !slot.pipeline->is_closed() && !thread.state->slots.warm;
  if (!is_usual) [[unlikely]] return false;
  slot.record.end = read_ticks();
  ThreadState& state = *thread.state;
  const std::size_t size = record_size(slot);
  if (!SpanQueue::has_room(state, size)) [[unlikely]] return false;
  SpanQueue::push_here(state, slot.data(), size);
  slot.head.recording = 0;
  return keep_warm(state, slot);
}

}  // namespace

void finish(SpanHead* head, Timestamp at) noexcept {
  Slot& slot = *slot_of(head);
  if (!slot.pipeline) return;
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] return finish_elsewhere(slot, at);
  if (!slot.has(Slot::kFinished)) {
    slot.head.mode |= Slot::kFinished;
    slot.head.recording = 0;
    return close_record(thread, slot, at);
  }
  if (slot.has(Slot::kCounts) && uses(*thread, slot.pipeline->core()))
    thread->state->counters.finished_twice.add();
}

void release(SpanHead* head) noexcept {
  Slot& slot = *slot_of(head);
  Thread& thread = *current_thread;
  // A wiped slot may look like a wiped thread's, but has no mode.
  const Mark core = slot.core;
  if (thread.ready != core) [[unlikely]] return release_slowly(slot);
  Busy::begin(thread);
  const bool is_done = release_fast(thread, slot);
  Busy::end(thread, core);
  if (!is_done) [[unlikely]] release_slowly(slot);
}

}  // namespace jtrace::inline v1::detail
