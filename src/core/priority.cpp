#include "core/priority.h"

#include "clock/clock.h"
#include "core/active.h"
#include "core/core.h"
#include "core/leader.h"
#include "core/span_writer.h"
#include "core/stamp.h"

namespace jtrace::inline v1::detail {
namespace {

// Of a span that was not sampled at its start, when nobody knew that its name would be wanted.
constexpr std::string_view kForgottenName = kPriorityKey;

constexpr std::uint64_t kOneLess = ~std::uint64_t{0};

void set_flags(Slot& slot, SpanId id, std::uint32_t flags) noexcept {
  slot.record.flags = (slot.record.flags & ~kJaegerFlags) | flags;
  slot.context.become(slot.context.trace_id(), id, flags | (slot.context.all_flags() & ~kJaegerFlags));
  refresh_frames(slot.head);
}

// A record from now on. Unless it is whole, the span shares its ids with the nearest one above that has its own.
void write_head(Thread& thread, Slot& slot) noexcept {
  RecordHeader& record = slot.record;
  const std::uint64_t tenant = slot.tenant.load(std::memory_order_relaxed);
  const bool is_whole = tenant == Slot::whole(slot.context.span_id().value);
  record.trace_high = slot.context.trace_id().high;
  record.trace_low = slot.context.trace_id().low;
  if (!is_whole) {
    record.parent_id = slot.context.span_id().value;
    record.span_id = thread.random.next();
    record.flags = 0;
    SpanWriter(slot).short_name(kForgottenName);
  }
  const bool uses_ticks = Clock::uses_ticks();
  slot.head.mode = (slot.head.mode & Slot::kBaggage) | Slot::kCounts | (uses_ticks ? std::uint32_t{Slot::kTicks} : 0);
  slot.exceptions = *thread.uncaught;
  record.start = stamp_now(uses_ticks);
  record.flags = (record.flags & ~kStartIsWall) | (uses_ticks ? 0 : kStartIsWall);
  slot.head.recording = 1;
}

// What was counted at the start changes sides: `sampled` is 1, or one less.
void recount(ThreadCounters& counters, const Slot& slot, std::uint64_t sampled) noexcept {
  const bool is_root = slot.record.parent_id == 0;
  (is_root ? counters.roots_sampled : counters.started).add(sampled);
  (is_root ? counters.roots_not_sampled : counters.not_sampled).add(-sampled);
  if ((slot.record.flags & kJoined) == 0) return;
  counters.joined_sampled.add(sampled);
  counters.joined_not_sampled.add(-sampled);
}

bool begin_recording(Slot& slot) noexcept {
  Thread* thread = idle_thread();
  if (!thread) return false;
  const Busy busy(*thread);
  if (!uses(*thread, slot.pipeline->core())) return false;
  write_head(*thread, slot);
  recount(thread->state->counters, slot, 1);
  return true;
}

// Where it was left out after it had begun, that is final.
void keep(Slot& slot, const Value& value) noexcept {
  if (slot.head.recording == 0 && (slot.has(Slot::kLeft) || !begin_recording(slot))) return;
  set_flags(slot, SpanId{slot.record.span_id}, kSampledFlag | kDebugFlag);
  SpanWriter(slot).value(kPriorityKey, value);
}

void leave(Slot& slot) noexcept {
  Thread* thread = idle_thread();
  if (slot.head.recording == 0 || !thread) return;
  {
    const Busy busy(*thread);
    if (!uses(*thread, slot.pipeline->core())) return;
    recount(thread->state->counters, slot, kOneLess);
  }
  slot.head.recording = 0;
  slot.head.mode = (slot.head.mode & (Slot::kBaggage | Slot::kExtended)) | Slot::kUnsampled | Slot::kLeft;
  set_flags(slot, slot.context.span_id(), 0);
}

}  // namespace

Wish wish_of(const Value& value) noexcept {
  const auto of = [](bool is_more) { return is_more ? Wish::keep : Wish::leave; };
  switch (value.type()) {
    case Value::Type::boolean:
      return of(value.as_bool());
    case Value::Type::integer:
      return of(value.as_integer() > 0);
    case Value::Type::unsigned_integer:
      return Wish::keep;
    case Value::Type::floating:
      return of(value.as_double() > 0);
    default:
      return Wish::none;
  }
}

void heed_priority(Slot& slot, const Value& value) noexcept {
  const Wish wish = wish_of(value);
  if (wish == Wish::keep) return keep(slot, value);
  if (wish == Wish::leave) return leave(slot);
  if (slot.head.recording != 0) SpanWriter(slot).value(kPriorityKey, value);
}

void set_priority(SpanHead* head, Value value) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::set_priority, set_priority, head, value);
  Slot& slot = *slot_of(head);
  if (slot.pipeline && !slot.has(Slot::kFinished)) heed_priority(slot, value);
}

}  // namespace jtrace::inline v1::detail
