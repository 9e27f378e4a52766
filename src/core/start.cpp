#include "clock/clock.h"
#include "core/active.h"
#include "core/any_start.h"
#include "core/global.h"
#include "core/leader.h"
#include "core/span_writer.h"

namespace jtrace::inline v1::detail {
namespace {

// A span that is not sampled is its context and nothing else. A child's is the parent's, ids and all, since nobody will
// ever see it apart.
[[gnu::always_inline]] inline SpanHead* start_unsampled(Thread& thread, Mark core, ThreadState& state, TraceId trace_id,
                                                        SpanId span_id, std::uint32_t context_flags,
                                                        std::uint64_t tenant, Counter& counter) noexcept {
  Slot& slot = *NodePool<Slot>::take_warm(state.slots);
  slot.head.mode = Slot::kUnsampled;
  slot.context.become(trace_id, span_id, context_flags);
  slot.tenant.store(tenant, std::memory_order_relaxed);
  counter.add();
  Busy::end(thread, core);
  return &slot.head;
}

[[gnu::always_inline]] inline SpanHead* start_sampled(Thread& thread, Mark core, ThreadState& state, TraceId trace_id,
                                                      SpanId span_id, SpanId parent_id, std::uint32_t flags,
                                                      std::uint32_t context_flags, std::string_view name,
                                                      Counter& counter) noexcept {
  Slot& slot = *NodePool<Slot>::take_warm(state.slots);
  RecordHeader& record = slot.record;
  record.trace_high = trace_id.high;
  record.trace_low = trace_id.low;
  record.span_id = span_id.value;
  record.parent_id = parent_id.value;
  record.flags = flags;
  slot.context.become(trace_id, span_id, context_flags);
  slot.head.recording = 1;
  slot.head.mode = Slot::kCounts | Slot::kTicks;
  slot.tenant.store(span_id.value, std::memory_order_relaxed);
  slot.exceptions = *thread.uncaught;
  SpanWriter(slot).short_name(name);
  counter.add();
  record.start = read_ticks();
  Busy::end(thread, core);
  return &slot.head;
}

// Unless the sampler has to be asked.
SpanHead* start_left_trace(Thread& thread, Mark core, ThreadState& state, TraceId id, std::string_view name) noexcept {
  if (core_of(core)->asked()) [[unlikely]] {
    Busy::end(thread, core);
    return start_slowly(core_of(core), name);
  }
  Slot& slot = *static_cast<Slot*>(state.slots.warm);
  slot.record.span_id = id.low;
  slot.record.parent_id = 0;
  slot.record.flags = 0;
  SpanWriter(slot).short_name(name);
  return start_unsampled(thread, core, state, id, SpanId{id.low}, 0, Slot::whole(id.low),
                         state.counters.roots_not_sampled);
}

[[gnu::noinline]] SpanHead* start_trace(Thread& thread, Mark core, ThreadState& state, std::string_view name) noexcept {
  const TraceId id = draw_trace_id(*core_of(core), thread.random);
  if (!core_of(core)->keeps(id.low)) return start_left_trace(thread, core, state, id, name);
  return start_sampled(thread, core, state, id, SpanId{id.low}, {}, kSampledFlag | kNewTrace, kSampledFlag, name,
                       state.counters.roots_sampled);
}

// Apart from their caller, so that an unsampled start need not save what these use.
[[gnu::noinline]] SpanHead* start_child(Thread& thread, Mark core, ThreadState& state, const SpanContext& parent,
                                        std::string_view name) noexcept {
  const SpanId id{thread.random.next()};
  return start_sampled(thread, core, state, parent.trace_id(), id, parent.span_id(), kSampledFlag, parent.all_flags(),
                       name, state.counters.started);
}

// The usual start: this thread has traced here before and has a warm slot, ticks are trusted, and there is a usual parent at
// the top of the chain or none at all. The same as start(), without a call on the way; what is not usual goes there. The
// marks of Busy are set before anything is looked at that an interrupting signal handler might change.
[[gnu::always_inline]] inline SpanHead* start_fast(Mark core, std::string_view name) noexcept {
  Thread& thread = *current_thread;
  if (thread.ready != core) [[unlikely]] return start_slowly(core_of(core), name);
  Busy::begin(thread);
  ThreadState& state = *thread.state;
  if (state.slots.warm) [[likely]] {
    const Frame& top = *thread.top;
    const std::uint32_t found = top.state.load(std::memory_order_acquire);
    if (found == Frame::kUnsampled)
      return start_unsampled(thread, core, state, top.context.trace_id(), top.context.span_id(), top.context.all_flags(),
                             top.context.span_id().value, state.counters.not_sampled);
    if (name.size() <= kShortBytes && Clock::uses_ticks()) [[likely]] {
      if (found == Frame::kSampled) return start_child(thread, core, state, top.context, name);
      if (found == Frame::kBlank) return start_trace(thread, core, state, name);
    }
  }
  Busy::end(thread, core);
  return start_slowly(core_of(core), name);
}

SpanHead* start_any(Core& core, std::string_view name, const StartOptions* options) noexcept {
  return options ? start(core, name, options) : start_fast(mark_of(&core), name);
}

[[gnu::noinline, gnu::cold]] ActiveStart start_active_elsewhere(SpanHead* head) noexcept {
  const Interface* other = leader();
  return {head, other ? other->activate(core_of(slot_of(head)->core), ticket(head), slot_of(head)->context) : ScopeHandle()};
}

[[gnu::always_inline]] inline ActiveStart start_active(Core& core, std::string_view name,
                                                       const StartOptions* options) noexcept {
  SpanHead* head = start_any(core, name, options);
  if (!head) [[unlikely]] return {};
  Thread* thread = current_thread;
  if (!thread->is_idle()) [[unlikely]] return start_active_elsewhere(head);  // another copy's span
  const Busy busy(*thread);
  return {head, open_frame(*thread, &core, ticket(head), slot_of(head)->context)};
}

// Not where something else has become active meanwhile: then it is the function of another one.
[[gnu::noinline]] ActiveStart take_offer(Thread& thread, std::string_view made, std::string_view name) noexcept {
  SpanOffer& offer = *thread.offer;
  if (!thread.is_idle() || thread.top != offer.started.scope.frame || offer.made != made) return {};
  thread.offer = nullptr;
  offer.is_taken = true;
  if (name != offer.name && offer.started.span->recording != 0) rename(offer.started.span, name);
  return offer.started;
}

}  // namespace

SpanHead* start_span(const TracerHead* head, std::string_view name) noexcept { return start_fast(mark_of(head), name); }

SpanHead* start_span(const TracerHead* head, std::string_view name, const StartOptions* options, std::size_t) noexcept {
  Core* core = core_of(head);
  return core ? start(*core, name, options) : start_globally(name, options);
}

ActiveStart start_active_span(const TracerHead* head, std::string_view name, const StartOptions* options,
                              std::size_t) noexcept {
  Core* core = core_of(head);
  return core ? start_active(*core, name, options) : start_active_for_follower(nullptr, name, options, sizeof *options);
}

SpanHead* start_span_near(const SpanHead* origin, std::string_view name, const StartOptions* options,
                          std::size_t size) noexcept {
  Pipeline* pipeline = nullptr;
  if (origin) {
    if (const Interface* other = leader()) return other->start_near(origin, name, options, size);
    pipeline = slot_of(origin)->pipeline;
    if (!pipeline || pipeline->core().is_closed()) return nullptr;
  }
  Core* core = pipeline ? &pipeline->core() : core_near();
  if (core) [[likely]] return start_any(*core, name, options);
  const Interface* other = leader();
  return other ? other->start_near(nullptr, name, options, size) : nullptr;
}

ActiveStart start_active_span_near(std::string_view name, const StartOptions* options, std::size_t size) noexcept {
  if (Core* core = core_near()) [[likely]] return start_active(*core, name, options);
  const Interface* other = leader();
  return other ? other->start_active_near(name, options, size) : ActiveStart();
}

void start_offered(SpanOffer* offer) noexcept {
  if (const Interface* other = leader()) return other->start_offered(offer);
  offer->started = start_active_span_near(offer->name, nullptr, 0);
  if (offer->started.scope.frame && current_thread->is_idle()) current_thread->offer = offer;
}

void withdraw(const SpanOffer* offer) noexcept {
  if (const Interface* other = leader()) return other->withdraw(offer);
  if (current_thread->offer == offer) current_thread->offer = nullptr;
}

ActiveStart start_function_near(std::string_view made, std::string_view name) noexcept {
  if (current_thread->offer) [[unlikely]] {
    const ActiveStart taken = take_offer(*current_thread, made, name);
    if (taken.span) return taken;
  }
  if (Core* core = core_near()) [[likely]] return start_active(*core, name, nullptr);
  const Interface* other = leader();
  return other ? other->start_function_near(made, name) : ActiveStart();
}

SpanHead* start_for_follower(Core* core, std::string_view name, const StartOptions* options, std::size_t) noexcept {
  return core ? start_any(*core, name, options) : start_globally(name, options);
}

ActiveStart start_active_for_follower(Core* core, std::string_view name, const StartOptions* options,
                                      std::size_t size) noexcept {
  if (const Interface* other = leader()) return other->start_active(core, name, options, size);
  if (!core) core = global_core();
  return core ? start_active(*core, name, options) : ActiveStart();
}

// Where another copy traces, nobody here counts, and it stays 0.
std::uint64_t spans_started_here() noexcept {
  const ThreadState* state = current_thread->state;
  return state ? state->counters.started.get() + state->counters.roots_sampled.get() : 0;
}

}  // namespace jtrace::inline v1::detail
