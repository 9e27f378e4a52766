#include <exception>
#include <new>

#include "clock/clock.h"
#include "core/active.h"
#include "core/baggage.h"
#include "core/core.h"
#include "core/global.h"
#include "core/leader.h"
#include "core/priority.h"
#include "core/span_writer.h"
#include "core/stamp.h"
#include "encode/utf8.h"
#include "propagation/jaeger_debug.h"

namespace jtrace::inline v1::detail {
namespace {

// Null: nobody. One that is not valid is a caller who began no trace; it may have baggage and a debug id for us all the same.
const SpanContext* parent_of(Thread& thread, const StartOptions* options) noexcept {
  if (options && (options->child_of.context() || options->child_of.is_root())) return options->child_of.context();
  const Frame& top = top_frame(thread);
  return top.state.load(std::memory_order_relaxed) <= Frame::kOpen ? &top.context : nullptr;
}

// The context of a child, or of the first span of a new trace; its record's ids and flags.
[[gnu::always_inline]] inline void inherit(Slot& slot, SpanId span_id, const SpanContext& parent,
                                           std::uint32_t flags) noexcept {
  RecordHeader& record = slot.record;
  record.trace_high = parent.trace_id().high;
  record.trace_low = parent.trace_id().low;
  record.span_id = span_id.value;
  record.parent_id = parent.span_id().value;
  record.flags = flags;
  const Baggage* baggage = parent.baggage();
  if (baggage) [[unlikely]] baggage->retain();
  new (&slot.context) SpanContext(parent.trace_id(), SpanId{record.span_id},
                                  record.flags | (parent.all_flags() & SpanContext::kNotRandom), baggage);
  slot.head.mode = Slot::kCounts | Slot::kTicks;
  if (baggage) [[unlikely]] slot.head.mode |= Slot::kBaggage;
  slot.tenant.store(record.span_id, std::memory_order_relaxed);
}

[[gnu::always_inline]] inline TraceId draw_trace_id(Core& core, Random& random) noexcept {
  const std::uint64_t high = core.makes_128bit_ids() ? random.beside_next() : 0;
  return {high, random.next()};
}

// `flags`: those of its record.
[[gnu::always_inline]] inline void begin_trace(Slot& slot, TraceId id, SpanId span_id, std::uint32_t flags) noexcept {
  RecordHeader& record = slot.record;
  record.trace_low = id.low;
  record.trace_high = id.high;
  record.span_id = span_id.value;
  record.parent_id = 0;
  record.flags = flags;
  new (&slot.context) SpanContext(TraceId{record.trace_high, record.trace_low}, SpanId{record.span_id},
                                  record.flags & kJaegerFlags, nullptr);
  slot.head.mode = Slot::kCounts | Slot::kTicks;
  slot.tenant.store(record.span_id, std::memory_order_relaxed);
}

void put_links(Slot& slot, const Links& links) noexcept {
  for (const Parent& link : links) {
    if (!link.context() || !link.context()->is_valid()) continue;
    const SpanContext& context = *link.context();
    const std::uint64_t ids[3] = {context.trace_id().high, context.trace_id().low, context.span_id().value};
    SpanWriter(slot).item(Op::follows_from, 0, {}, {reinterpret_cast<const char*>(ids), sizeof ids});
    slot.record.flags |= kHasLinks;
  }
}

[[gnu::noinline]] void apply(Slot& slot, const StartOptions& options) noexcept {
  slot.record.flags |= static_cast<std::uint32_t>(options.kind) << kKindShift;
  if (options.start_time != Timestamp()) {
    slot.record.start = wall_stamp(options.start_time);
    slot.record.flags |= kStartIsWall;
  }
  put_links(slot, options.follows_from);
  for (const Field& tag : options.tags) {
    if (is_priority(tag.key)) [[unlikely]] {
      heed_priority(slot, tag.value);
    } else if (slot.head.recording != 0) {
      SpanWriter(slot).value(tag.key, tag.value);
    }
  }
}

bool asks_to_be_kept(const StartOptions& options) noexcept {
  bool asks = false;
  for (const Field& tag : options.tags) {
    if (is_priority(tag.key) && wish_of(tag.value) != Wish::none) asks = wish_of(tag.value) == Wish::keep;
  }
  return asks;
}

[[gnu::noinline, gnu::cold]] SpanHead* refuse(Core& core, bool is_reentrant) noexcept {
  if (Pipeline* pipeline = core.pipeline())
    is_reentrant ? pipeline->count_reentrant(false) : pipeline->count_open_limit(false);
  return nullptr;
}

// Where this thread may not trace, or nobody's may, as another copy does it.
[[gnu::noinline, gnu::cold]] SpanHead* start_elsewhere(Core& core, std::string_view name,
                                                       const StartOptions* options) noexcept {
  if (const Interface* other = leader()) return other->start(&core, name, options, sizeof *options);
  return refuse(core, true);
}

// Where the sampler has to be asked, its tags travel in the record; else the reporter knows them.
std::uint32_t ask_sampler(Core& core, TraceId id, std::string_view name, SamplingDecision& decision) noexcept {
  if (!core.asked()) return core.keeps(id.low) ? kSampledFlag | kNewTrace : 0;
  decision = core.ask(id, name);
  return decision.sampled ? kSampledFlag : 0;
}

// A parent's decision counts; one that left it open lets the sampler decide.
std::uint32_t child_flags(Core& core, const SpanContext& parent, std::string_view name, SamplingDecision& decision) noexcept {
  if ((parent.all_flags() & SpanContext::kUndecided) == 0) [[likely]] return parent.flags();
  const std::uint32_t flags = ask_sampler(core, parent.trace_id(), name, decision) & kJaegerFlags;
  decision.type = {};  // of a new trace's first span only
  return flags;
}

// The sampler's decision, unless a caller who has no span for us made one.
std::uint32_t root_flags(Core& core, TraceId id, const SpanContext* caller, std::string_view name,
                         SamplingDecision& decision) noexcept {
  if (caller && has_debug_id(*caller)) return kSampledFlag | kDebugFlag;
  if (caller && (caller->all_flags() & SpanContext::kDecided) != 0) return caller->flags();
  return ask_sampler(core, id, name, decision);
}

void put_sampler_tags(Slot& slot, const SamplingDecision& decision) noexcept {
  if (decision.type.empty()) return;
  SpanWriter(slot).item(Op::text, 0, "sampler.type", decision.type);
  SpanWriter(slot).value("sampler.param", decision.param);
}

[[gnu::noinline, gnu::cold]] void take_baggage(Slot& slot, const SpanContext& caller) noexcept {
  const bool has_id = has_debug_id(caller);
  const Baggage* baggage = has_id ? without_debug_id(caller.baggage()) : caller.baggage();
  if (!baggage) return;
  if (!has_id) baggage->retain();
  slot.context = SpanContext(slot.context.trace_id(), slot.context.span_id(), slot.context.all_flags(), baggage);
  slot.head.mode |= Slot::kBaggage;
}

// What is asked about the ids of others' spans too: not what a new trace's first span would tell of the sampler.
void begin_given(Slot& slot, Core& core, Random& random, const Identity& given, std::string_view name, SamplingDecision& decision) noexcept {
  const bool is_first = given.parent_id.value == 0 && given.trace_id.low != 0;
  const SpanId drawn{is_first ? given.trace_id.low : random.next()};
  std::uint32_t flags = ask_sampler(core, given.trace_id, name, decision);
  if (given.parent_id.value != 0) {
    flags &= ~kNewTrace;
    decision.type = {};
  }
  begin_trace(slot, given.trace_id, given.span_id.value != 0 ? given.span_id : drawn, flags);
  slot.record.parent_id = given.parent_id.value;
  slot.context.become(slot.context.trace_id(), slot.context.span_id(), slot.context.all_flags() | SpanContext::kNotRandom);
}

// The caller has marked the thread as busy.
Slot* open_slot(Thread& thread, Core& core, const SpanContext* parent, const Identity& given, std::string_view name,
                SamplingDecision& decision) noexcept {
  if (!uses(thread, core)) [[unlikely]] return nullptr;
  Slot* slot = thread.pipeline->slots().take(thread.state->slots);
  if (!slot) [[unlikely]] return nullptr;
  // These a slot keeps while it lies in this pipeline's pool; only its first tenant finds them missing.
  slot->core = mark_of(&core);
  slot->pipeline = thread.pipeline;
  slot->head.limit = slot->data_end();
  if (given.trace_id != TraceId()) [[unlikely]] {
    begin_given(*slot, core, thread.random, given, name, decision);
    return slot;
  }
  if (parent && parent->is_valid()) {
    inherit(*slot, given.span_id.value != 0 ? given.span_id : SpanId{thread.random.next()}, *parent,
            child_flags(core, *parent, name, decision));
    if (given.parent_id.value != 0) slot->record.parent_id = given.parent_id.value;
    return slot;
  }
  const TraceId id = draw_trace_id(core, thread.random);
  // The first span's id is the trace's, as the official clients have it; a child's is drawn.
  begin_trace(*slot, id, given.span_id.value != 0 ? given.span_id : SpanId{id.low},
              root_flags(core, id, parent, name, decision));
  if (parent && parent->baggage()) [[unlikely]] take_baggage(*slot, *parent);
  return slot;
}

// Its record begins where somebody asks for it: see priority.h. A long name is cut, as nobody may ever read it.
void begin_unsampled(Thread& thread, Slot& slot, std::string_view name) noexcept {
  slot.head.mode = (slot.head.mode & Slot::kBaggage) | Slot::kUnsampled;
  slot.tenant.store(Slot::whole(slot.record.span_id), std::memory_order_relaxed);
  SpanWriter(slot).short_name(name.substr(0, cut_utf8(name, kShortBytes)));
  ThreadCounters& counters = thread.state->counters;
  (slot.record.parent_id == 0 ? counters.roots_not_sampled : counters.not_sampled).add();
}

[[gnu::always_inline]] inline void begin_record(Thread& thread, Slot& slot) noexcept {
  ThreadCounters& counters = thread.state->counters;
  (slot.record.parent_id == 0 ? counters.roots_sampled : counters.started).add();
  slot.head.recording = 1;
  slot.exceptions = *thread.uncaught;
  slot.record.start = read_ticks();
}

void use_wall_clock(Slot& slot) noexcept {
  slot.head.mode &= ~std::uint32_t{Slot::kTicks};
  slot.record.start = stamp_now(false);
  slot.record.flags |= kStartIsWall;
}

bool is_sampled(const Slot& slot) noexcept { return (slot.record.flags & kSampledFlag) != 0; }

// A trace that another process began.
void count_if_joined(ThreadCounters& counters, const Slot& slot, const SpanContext* parent) noexcept {
  if (slot.record.parent_id == 0 || !parent || (parent->all_flags() & SpanContext::kRemote) == 0) return;
  (is_sampled(slot) ? counters.joined_sampled : counters.joined_not_sampled).add();
}

SpanHead* start(Core& core, std::string_view name, const StartOptions* options) noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] return start_elsewhere(core, name, options);
  Slot* slot = nullptr;
  SamplingDecision decision;
  const SpanContext* parent = nullptr;
  {
    const Busy busy(*thread);
    parent = parent_of(*thread, options);
    slot = open_slot(*thread, core, parent, options ? options->identity : Identity(), name, decision);
    if (slot && is_sampled(*slot)) {
      begin_record(*thread, *slot);
      if (!Clock::uses_ticks()) use_wall_clock(*slot);
    } else if (slot) {
      begin_unsampled(*thread, *slot, name);
    }
    if (slot) count_if_joined(thread->state->counters, *slot, parent);
  }
  if (!slot) [[unlikely]] return refuse(core, false);
  if (options && !is_sampled(*slot) && asks_to_be_kept(*options)) [[unlikely]] heed_priority(*slot, true);
  if (is_sampled(*slot)) {
    SpanWriter(*slot).name(name);
    put_sampler_tags(*slot, decision);
    if (parent && has_debug_id(*parent)) SpanWriter(*slot).value(kDebugIdHeader, debug_id_of(*parent));
    if (options) apply(*slot, *options);
  }
  return &slot->head;
}

// Behind a handle that was not decided here: the global tracer's, of this copy or another one.
[[gnu::noinline, gnu::cold]] SpanHead* start_globally(std::string_view name, const StartOptions* options) noexcept {
  if (const Interface* other = leader()) return other->start(nullptr, name, options, sizeof *options);
  Core* core = global_core();
  return core ? start(*core, name, options) : nullptr;
}

[[gnu::noinline]] SpanHead* start_slowly(Core* core, std::string_view name) noexcept {
  return core ? start(*core, name, nullptr) : start_globally(name, nullptr);
}

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
