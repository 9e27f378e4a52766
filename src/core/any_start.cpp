#include "core/any_start.h"

#include <new>

#include "clock/clock.h"
#include "core/active.h"
#include "core/baggage.h"
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
std::uint32_t child_flags(Core& core, const SpanContext& parent, std::string_view name,
                          SamplingDecision& decision) noexcept {
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
void begin_given(Slot& slot, Core& core, Random& random, const Identity& given, std::string_view name,
                 SamplingDecision& decision) noexcept {
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
void count_if_joined(ThreadCounters& counters, Slot& slot, const SpanContext* parent) noexcept {
  if (slot.record.parent_id == 0 || !parent || (parent->all_flags() & SpanContext::kRemote) == 0) return;
  slot.record.flags |= kJoined;
  (is_sampled(slot) ? counters.joined_sampled : counters.joined_not_sampled).add();
}

}  // namespace

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

SpanHead* start_globally(std::string_view name, const StartOptions* options) noexcept {
  if (const Interface* other = leader()) return other->start(nullptr, name, options, sizeof *options);
  Core* core = global_core();
  return core ? start(*core, name, options) : nullptr;
}

SpanHead* start_slowly(Core* core, std::string_view name) noexcept {
  return core ? start(*core, name, nullptr) : start_globally(name, nullptr);
}

}  // namespace jtrace::inline v1::detail
