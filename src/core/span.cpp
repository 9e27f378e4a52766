#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>

#include "clock/clock.h"
#include "core/active.h"
#include "core/baggage.h"
#include "core/core.h"
#include "core/global.h"
#include "core/span_writer.h"

namespace jtrace::inline v1::detail {
namespace {

std::uint64_t wall_stamp(Timestamp at) noexcept { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }
std::uint64_t stamp_now(bool ticks) noexcept { return ticks ? read_ticks() : static_cast<std::uint64_t>(wall_now()); }

[[gnu::noinline]] bool use(Thread& thread, Core& core) noexcept {
  Clock::instance();
  Pipeline* pipeline = core.make_pipeline();
  ThreadState* state = pipeline ? pipeline->adopt(thread) : nullptr;
  if (!state) return false;
  thread.core = &core;
  thread.pipeline = pipeline;
  thread.state = state;
  return true;
}
bool uses(Thread& thread, Core& core) noexcept { return thread.core == &core || use(thread, core); }

// ── start ──

const SpanContext* parent_of(Thread& thread, const StartOptions* options) noexcept {
  if (options && (options->child_of.context() || options->child_of.is_root())) {
    const SpanContext* context = options->child_of.context();
    return context && context->is_valid() ? context : nullptr;
  }
  const Frame* top = top_frame(thread);
  return top && top->state.load(std::memory_order_relaxed) == Frame::kOpen ? &top->context : nullptr;
}

// The context of a child, or of the first span of a new trace; its record's ids and flags.
[[gnu::always_inline]] inline void inherit(Slot& slot, Random& random, const SpanContext& parent) noexcept {
  RecordHeader& record = slot.record;
  record.trace_high = parent.trace_id().high;
  record.trace_low = parent.trace_id().low;
  record.span_id = random.next();
  record.parent_id = parent.span_id().value;
  record.flags = parent.flags() & kJaegerFlags;
  const Baggage* baggage = parent.baggage();
  if (baggage) [[unlikely]] baggage->retain();
  new (&slot.context) SpanContext(parent.trace_id(), SpanId{record.span_id}, record.flags, baggage);
  slot.mode = Slot::kCounts | Slot::kTicks;
  if (baggage) [[unlikely]] slot.mode |= Slot::kBaggage;
  slot.tenant.store(record.span_id, std::memory_order_relaxed);
}

[[gnu::always_inline]] inline void begin_trace(Slot& slot, Core& core, Random& random) noexcept {
  RecordHeader& record = slot.record;
  record.trace_low = random.next();
  record.trace_high = core.makes_128bit_ids() ? random.next() : 0;
  record.span_id = record.trace_low;  // as the official clients do; a child's is drawn
  record.parent_id = 0;
  record.flags = core.keeps(record.trace_low) ? kSampledFlag | kNewTrace : 0;
  new (&slot.context) SpanContext(TraceId{record.trace_high, record.trace_low}, SpanId{record.span_id},
                                  record.flags & kJaegerFlags, nullptr);
  slot.mode = Slot::kCounts | Slot::kTicks;
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
  for (const Field& tag : options.tags) SpanWriter(slot).value(tag.key, tag.value);
}

[[gnu::noinline, gnu::cold]] SpanHead* refuse(Core& core, bool is_reentrant) noexcept {
  if (Pipeline* pipeline = core.pipeline())
    is_reentrant ? pipeline->count_reentrant(false) : pipeline->count_open_limit(false);
  return nullptr;
}

// The caller has marked the thread as busy.
Slot* open_slot(Thread& thread, Core& core, const SpanContext* parent) noexcept {
  if (!uses(thread, core)) [[unlikely]] return nullptr;
  Slot* slot = thread.pipeline->slots().take(thread.state->slots);
  if (!slot) [[unlikely]] return nullptr;
  // These a slot keeps while it lies in this pipeline's pool; only its first tenant finds them missing.
  slot->pipeline = thread.pipeline;
  slot->limit = slot->data_end();
  if (parent) {
    inherit(*slot, thread.random, *parent);
  } else {
    begin_trace(*slot, core, thread.random);
  }
  return slot;
}

void begin_unsampled(Thread& thread, Slot& slot) noexcept {
  slot.head.recording = 0;
  slot.mode &= Slot::kBaggage;
  thread.state->counters.not_sampled.add();
}

[[gnu::always_inline]] inline void begin_record(Thread& thread, Slot& slot) noexcept {
  thread.state->counters.started.add();
  slot.head.recording = 1;
  slot.exceptions = *thread.uncaught;
  slot.record.start = read_ticks();
}

void use_wall_clock(Slot& slot) noexcept {
  slot.mode &= ~std::uint32_t{Slot::kTicks};
  slot.record.start = stamp_now(false);
  slot.record.flags |= kStartIsWall;
}

bool is_sampled(const Slot& slot) noexcept { return (slot.record.flags & kSampledFlag) != 0; }

SpanHead* start(Core& core, std::string_view name, const StartOptions* options) noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] return refuse(core, true);
  Slot* slot = nullptr;
  {
    const Busy busy(*thread);
    slot = open_slot(*thread, core, parent_of(*thread, options));
    if (slot && is_sampled(*slot)) {
      begin_record(*thread, *slot);
      if (!Clock::uses_ticks()) use_wall_clock(*slot);
    } else if (slot) {
      begin_unsampled(*thread, *slot);
    }
  }
  if (!slot) [[unlikely]] return refuse(core, false);
  if (is_sampled(*slot)) {
    SpanWriter(*slot).name(name);
    if (options) apply(*slot, *options);
  }
  return &slot->head;
}

ActiveStart start_active(Core& core, std::string_view name, const StartOptions* options) noexcept {
  SpanHead* head = start(core, name, options);
  if (!head) [[unlikely]] return {};
  Thread* thread = current_thread;  // idle: it has just started a span
  const Busy busy(*thread);
  return {head, open_frame(*thread, &core, ticket(head), slot_of(head)->context)};
}

[[gnu::noinline]] SpanHead* start_slowly(Core* core, std::string_view name) noexcept {
  return core ? start(*core, name, nullptr) : nullptr;
}

// A child of a span that is not sampled: its context is the parent's, ids and all, since nobody will ever see it apart.
[[gnu::always_inline]] inline SpanHead* start_unsampled_child(Thread& thread, const SpanContext& parent) noexcept {
  const Busy busy(thread);
  Slot& slot = *NodePool<Slot>::take_warm(thread.state->slots);
  slot.head.recording = 0;
  slot.mode = 0;
  new (&slot.context) SpanContext(parent.trace_id(), parent.span_id(), parent.flags(), nullptr);
  slot.tenant.store(parent.span_id().value, std::memory_order_relaxed);
  thread.state->counters.not_sampled.add();
  return &slot.head;
}

// Apart from its caller, so that an unsampled start need not save what this uses.
[[gnu::noinline]] SpanHead* start_recording(Thread& thread, Core& core, const Frame* top, std::string_view name) noexcept {
  const Busy busy(thread);
  Slot& slot = *NodePool<Slot>::take_warm(thread.state->slots);
  if (top) {
    inherit(slot, thread.random, top->context);
  } else {
    begin_trace(slot, core, thread.random);
  }
  if (!is_sampled(slot)) {
    begin_unsampled(thread, slot);
    return &slot.head;
  }
  begin_record(thread, slot);
  SpanWriter(slot).short_name(name);
  return &slot.head;
}

// The usual start: this thread has traced here before and has a warm slot, ticks are trusted, and there is a parent at the
// top of the chain or none at all. The same as start(), without a call on the way; what is not usual goes there.
[[gnu::always_inline]] inline SpanHead* start_fast(Core* core, std::string_view name) noexcept {
  Thread& thread = *current_thread;
  if (thread.idle == 0 || thread.core != core) [[unlikely]] return start_slowly(core, name);
  if (!thread.state->slots.warm) [[unlikely]] return start_slowly(core, name);
  const Frame* top = thread.top;
  if (top) {
    if (top->state.load(std::memory_order_acquire) != Frame::kOpen) [[unlikely]] return start_slowly(core, name);
    if (!top->context.is_sampled() && !top->context.has_baggage())
      return start_unsampled_child(thread, top->context);
  }
  if (name.size() > kShortBytes || !Clock::uses_ticks()) [[unlikely]] return start_slowly(core, name);
  return start_recording(thread, *core, top, name);
}

// The core of the active span, else the global one; null if that is off.
Core* core_near() noexcept {
  if (Thread* thread = idle_thread()) {
    const Busy busy(*thread);
    const Frame* top = top_frame(*thread);
    if (top && top->core && !top->core->is_closed()) return top->core;
  }
  return global_core();
}

// ── logs and errors ──

void put_log_head(Slot& slot, Timestamp at) noexcept {
  const bool is_wall = at != Timestamp() || !slot.has(Slot::kTicks);
  const std::uint64_t stamp = at != Timestamp() ? wall_stamp(at) : stamp_now(slot.has(Slot::kTicks));
  SpanWriter(slot).word(Op::log, is_wall ? kWall : 0, {}, stamp);
  slot.record.flags |= kHasLogs;
}

void put_field(Slot& slot, std::string_view key, const Value& value) noexcept {
  SpanWriter(slot).value(key, value, kField);
}

void put_error(Slot& slot, std::string_view kind, std::string_view message) noexcept {
  SpanWriter(slot).flag(0, "error", true);
  put_log_head(slot, {});
  put_field(slot, "event", "error");
  if (!kind.empty()) put_field(slot, "error.kind", kind);
  if (!message.empty()) put_field(slot, "message", message);
}

void put_error(Slot& slot, const std::type_info& type, std::string_view message) noexcept {
  int status = 0;
  char* readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  put_error(slot, status == 0 ? readable : type.name(), message);
  std::free(readable);
}

// ── finish ──

// In its first slot.
std::size_t record_size(Slot& slot) noexcept { return align8(static_cast<std::size_t>(slot.write - slot.data())); }

// A record in several slots, piece by piece.
[[gnu::noinline]] bool push_chain(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  const std::size_t size = slot.bytes_before + static_cast<std::size_t>(slot.write - slot.last->data());
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
  const bool pushed = slot.has(Slot::kExtended)
                          ? push_chain(pipeline, state, slot)
                          : pipeline.queue().push(state, slot.data(), record_size(slot));
  if (!pushed) return state.counters.dropped_queue_full.add();
  if ((slot.record.flags & kCut) != 0) state.counters.cut.add();
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
  slot.limit = slot.data_end();
  for (Slot* more = slot.next; more;) {
    Slot* next = more->next;
    more->pipeline = slot.pipeline;
    more->limit = more->data_end();
    give_slot(thread, *more);
    more = next;
  }
}

[[gnu::always_inline]] inline void give_back(Thread* thread, Slot& slot) noexcept {
  if (slot.has(Slot::kExtended)) [[unlikely]] give_back_chain(thread, slot);
  if (slot.has(Slot::kBaggage)) [[unlikely]] slot.context = SpanContext();
  slot.tenant.store(0, std::memory_order_relaxed);
  give_slot(thread, slot);
}

}  // namespace

SpanHead* start_span(const TracerHead* head, std::string_view name) noexcept { return start_fast(core_of(head), name); }

SpanHead* start_span(const TracerHead* head, std::string_view name, const StartOptions* options, std::size_t) noexcept {
  Core* core = core_of(head);
  return core ? start(*core, name, options) : nullptr;
}

ActiveStart start_active_span(const TracerHead* head, std::string_view name, const StartOptions* options,
                              std::size_t) noexcept {
  Core* core = core_of(head);
  return core ? start_active(*core, name, options) : ActiveStart();
}

SpanHead* start_span_near(const SpanHead* origin, std::string_view name, const StartOptions* options,
                          std::size_t) noexcept {
  Pipeline* pipeline = origin ? slot_of(origin)->pipeline : nullptr;
  if (origin && (!pipeline || pipeline->core().is_closed())) return nullptr;
  Core* core = pipeline ? &pipeline->core() : core_near();
  return core ? start(*core, name, options) : nullptr;
}

ActiveStart start_active_span_near(std::string_view name, const StartOptions* options, std::size_t) noexcept {
  Core* core = core_near();
  return core ? start_active(*core, name, options) : ActiveStart();
}

void add_tag(SpanHead* head, std::string_view key, Value value) noexcept {
  SpanWriter(*slot_of(head)).value(key, value);
}

void add_text_tag(SpanHead* head, std::string_view key, std::string_view value) noexcept {
  SpanWriter(*slot_of(head)).item(Op::text, 0, key, value);
}

void add_integer_tag(SpanHead* head, std::string_view key, std::int64_t value) noexcept {
  SpanWriter(*slot_of(head)).word(Op::integer, 0, key, static_cast<std::uint64_t>(value));
}

void add_log(SpanHead* head, const Field* fields, std::size_t count, Timestamp at) noexcept {
  Slot& slot = *slot_of(head);
  put_log_head(slot, at);
  for (const Field& field : std::span(fields, count)) put_field(slot, field.key, field.value);
}

void add_event(SpanHead* head, std::string_view event, const Field* fields, std::size_t count, Timestamp at) noexcept {
  Slot& slot = *slot_of(head);
  put_log_head(slot, at);
  put_field(slot, "event", event);
  for (const Field& field : std::span(fields, count)) put_field(slot, field.key, field.value);
}

void rename(SpanHead* head, std::string_view name) noexcept {
  Slot& slot = *slot_of(head);
  SpanWriter(slot).item(Op::rename, 0, {}, name);
  slot.record.flags |= kRenamed;
}

void add_baggage(SpanHead* head, std::string_view key, std::string_view value) noexcept {
  Slot& slot = *slot_of(head);
  if (!slot.pipeline) return;
  const Baggage* made = Baggage::with(slot.context.baggage(), key, value);
  if (!made) {
    Thread* thread = idle_thread();
    if (thread && uses(*thread, slot.pipeline->core())) thread->state->counters.baggage_dropped.add();
    return;
  }
  slot.context = SpanContext(slot.context.trace_id(), slot.context.span_id(), slot.context.flags(), made);
  slot.mode |= Slot::kBaggage;
  if (head->recording == 0) return;
  const Field fields[] = {{"key", key}, {"value", value}};
  add_event(head, "baggage", fields, 2, {});
}

void mark_error(SpanHead* head, std::string_view message) noexcept {
  Slot& slot = *slot_of(head);
  if (message.empty()) return SpanWriter(slot).flag(0, "error", true);
  put_error(slot, {}, message);
}

void mark_exception(SpanHead* head, const std::exception& error) noexcept {
  put_error(*slot_of(head), typeid(error), error.what());
}

void mark_exception(SpanHead* head, const std::exception_ptr& error) noexcept {
  if (!error) return mark_error(head, {});
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    mark_exception(head, known);
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (!type) return put_error(*slot_of(head), "unknown", {});
    put_error(*slot_of(head), *type, {});
  }
}

void finish(SpanHead* head, Timestamp at) noexcept {
  Slot& slot = *slot_of(head);
  if (!slot.pipeline) return;
  Thread* thread = idle_thread();
  if (!slot.has(Slot::kFinished)) {
    slot.mode |= Slot::kFinished;
    slot.head.recording = 0;
    return close_record(thread, slot, at);
  }
  if (slot.has(Slot::kCounts) && thread && uses(*thread, slot.pipeline->core()))
    thread->state->counters.finished_twice.add();
}

[[gnu::noinline]] static void release_slowly(Slot& slot) noexcept {
  if (!slot.pipeline) return Process::count_inherited();
  Thread* thread = idle_thread();
  if (!slot.has(Slot::kFinished)) {
    if (slot.has(Slot::kCounts) && thread && *thread->uncaught > slot.exceptions) put_error(slot, {}, {});
    close_record(thread, slot, {});
  }
  give_back(thread, slot);
}

static void keep_warm(Thread& thread, Slot& slot) noexcept {
  slot.tenant.store(0, std::memory_order_relaxed);
  thread.state->slots.warm = &slot;
}

// The usual end: a sampled span that was not finished, on a thread that has traced here before, without an exception, in one
// slot and with room in the chunk. The same as release_slowly(), without a call on the way.
void release(SpanHead* head) noexcept {
  Slot& slot = *slot_of(head);
  Thread& thread = *current_thread;
  // A wiped thread is not idle; a thread that is has a pipeline, which a wiped slot has not.
  if (thread.idle == 0 || thread.pipeline != slot.pipeline || thread.state->slots.warm) [[unlikely]]
    return release_slowly(slot);
  if (slot.mode == 0) return keep_warm(thread, slot);  // not sampled: there is nothing to hand over
  const bool is_usual = slot.mode == (Slot::kCounts | Slot::kTicks) && *thread.uncaught <= slot.exceptions &&
                        !slot.pipeline->is_closed();
  if (!is_usual) [[unlikely]] return release_slowly(slot);
  slot.record.end = read_ticks();
  ThreadState& state = *thread.state;
  const std::size_t size = record_size(slot);
  if (!SpanQueue::has_room(state, size)) [[unlikely]] return release_slowly(slot);
  const Busy busy(thread);
  SpanQueue::push_here(state, slot.data(), size);
  keep_warm(thread, slot);
}

const SpanContext& context_of(const SpanHead* head) noexcept { return slot_of(head)->context; }

}  // namespace jtrace::inline v1::detail
