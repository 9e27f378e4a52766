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

bool uses(Thread& thread, Core& core) noexcept {
  if (thread.core == &core) [[likely]] return true;
  Pipeline* pipeline = core.make_pipeline();
  ThreadState* state = pipeline ? pipeline->adopt(thread) : nullptr;
  if (!state) return false;
  thread.core = &core;
  thread.pipeline = pipeline;
  thread.state = state;
  return true;
}

// ── start ──

const SpanContext* parent_of(Thread& thread, const StartOptions* options) noexcept {
  if (options && (options->child_of.context() || options->child_of.is_root())) {
    const SpanContext* context = options->child_of.context();
    return context && context->is_valid() ? context : nullptr;
  }
  const Frame* top = top_frame(thread);
  return top && top->context.is_valid() ? &top->context : nullptr;
}

// Its ids, its flags and the parent's id; true if it is the first span of a new trace.
bool identify(Slot& slot, Core& core, Random& random, const SpanContext* parent) noexcept {
  RecordHeader& record = slot.record;
  record.span_id = random.next();
  if (parent) {
    record.trace_high = parent->trace_id().high;
    record.trace_low = parent->trace_id().low;
    record.parent_id = parent->span_id().value;
    record.flags = parent->flags() & kJaegerFlags;
    const Baggage* baggage = parent->baggage();
    if (baggage) baggage->retain();
    new (&slot.context) SpanContext(parent->trace_id(), SpanId{record.span_id}, record.flags, baggage);
    return false;
  }
  record.trace_low = random.next();
  record.trace_high = core.makes_128bit_ids() ? random.next() : 0;
  record.parent_id = 0;
  const bool keep = core.sampler().keeps(record.trace_low) && !core.drops_all();
  record.flags = keep ? kSampledFlag : 0;
  new (&slot.context)
      SpanContext(TraceId{record.trace_high, record.trace_low}, SpanId{record.span_id}, record.flags, nullptr);
  return true;
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

void apply(Slot& slot, const StartOptions& options) noexcept {
  slot.record.flags |= static_cast<std::uint32_t>(options.kind) << kKindShift;
  if (options.start_time != Timestamp()) {
    slot.record.start = wall_stamp(options.start_time);
    slot.record.flags |= kStartIsWall;
  }
  put_links(slot, options.follows_from);
  for (const Field& tag : options.tags) SpanWriter(slot).value(tag.key, tag.value);
}

// The caller has marked the thread as busy.
Slot* open_slot(Thread& thread, Core& core, const SpanContext* parent) noexcept {
  if (!uses(thread, core)) [[unlikely]] {
    if (Pipeline* pipeline = core.pipeline()) pipeline->count_open_limit(false);
    return nullptr;
  }
  Slot* slot = thread.pipeline->slots().take(thread.state->slots);
  if (!slot) [[unlikely]] {
    thread.pipeline->count_open_limit(false);
    return nullptr;
  }
  slot->pipeline = thread.pipeline;
  // Relaxed: see Slot. A generation is never 0, which is a wiped slot's.
  slot->generation.store(slot->generation.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  slot->finished = false;
  const bool is_new_trace = identify(*slot, core, thread.random, parent);
  slot->counts = (slot->record.flags & kSampledFlag) != 0;
  if (!slot->counts) {
    slot->head.recording = 0;
    thread.state->counters.not_sampled.add();
    return slot;
  }
  thread.state->counters.started.add();
  slot->head.recording = 1;
  slot->write = slot->body;
  slot->limit = slot->data_end();
  slot->last = slot;
  slot->next = nullptr;
  slot->bytes_before = 0;
  slot->exceptions = std::uncaught_exceptions();
  slot->ticks = Clock::instance().uses_ticks();
  slot->record.start = stamp_now(slot->ticks);
  slot->record.flags |= (is_new_trace ? kNewTrace : 0) | (slot->ticks ? 0 : kStartIsWall);
  return slot;
}

void describe(Slot& slot, std::string_view name, const StartOptions* options) noexcept {
  if (!slot.counts) return;
  SpanWriter(slot).name(name);
  if (options) apply(slot, *options);
}

SpanHead* start(Core& core, std::string_view name, const StartOptions* options) noexcept {
  Thread& thread = this_thread();
  if (thread.busy != 0) [[unlikely]] {
    if (Pipeline* pipeline = core.pipeline()) pipeline->count_reentrant(false);
    return nullptr;
  }
  Slot* slot = nullptr;
  {
    const Busy busy(thread);
    slot = open_slot(thread, core, parent_of(thread, options));
  }
  if (!slot) [[unlikely]] return nullptr;
  describe(*slot, name, options);
  return &slot->head;
}

ActiveStart start_active(Core& core, std::string_view name, const StartOptions* options) noexcept {
  SpanHead* head = start(core, name, options);
  if (!head) [[unlikely]] return {};
  Thread& thread = this_thread();
  const Busy busy(thread);
  return {head, open_frame(thread, &core, ticket(head), slot_of(head)->context)};
}

// The core of the active span, else the global one; null if that is off.
Core* core_near() noexcept {
  Thread& thread = this_thread();
  if (thread.busy == 0) {
    const Busy busy(thread);
    const Frame* top = top_frame(thread);
    if (top && top->core && !top->core->is_closed()) return top->core;
  }
  return global_core();
}

// ── logs and errors ──

void put_log_head(Slot& slot, Timestamp at) noexcept {
  const bool is_wall = at != Timestamp() || !slot.ticks;
  const std::uint64_t stamp = at != Timestamp() ? wall_stamp(at) : stamp_now(slot.ticks);
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

bool push_record(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  if (!state.chunk) [[unlikely]] pipeline.start_reporter();
  if (slot.last == &slot) [[likely]]
    return pipeline.queue().push(state, slot.data(), align8(static_cast<std::size_t>(slot.write - slot.data())));

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

void account(Pipeline& pipeline, ThreadState& state, Slot& slot) noexcept {
  ThreadCounters& counters = state.counters;
  counters.finished.add();
  if (pipeline.is_closed()) [[unlikely]] {
    counters.dropped_closed.add();
  } else if (!push_record(pipeline, state, slot)) [[unlikely]] {
    counters.dropped_queue_full.add();
  } else if ((slot.record.flags & kCut) != 0) [[unlikely]] {
    counters.cut.add();
  }
}

[[gnu::noinline]] void account_elsewhere(Thread& thread, Slot& slot) noexcept {
  Pipeline& pipeline = *slot.pipeline;
  ThreadState* orphan = thread.is_ended ? pipeline.borrow_orphan() : nullptr;
  if (!orphan) return pipeline.count_reentrant(true);
  account(pipeline, *orphan, slot);
  pipeline.return_orphan();
}

void stamp_end(Slot& slot, Timestamp at) noexcept {
  const bool is_wall = at != Timestamp() || !slot.ticks;
  slot.record.end = at != Timestamp() ? wall_stamp(at) : stamp_now(slot.ticks);
  if (is_wall) slot.record.flags |= kEndIsWall;
}

void close_record(Thread& thread, Slot& slot, Timestamp at) noexcept {
  slot.finished = true;
  slot.head.recording = 0;
  if (!slot.counts) return;
  stamp_end(slot, at);
  if (thread.busy != 0) [[unlikely]] return account_elsewhere(thread, slot);
  const Busy busy(thread);
  if (thread.pipeline != slot.pipeline && !uses(thread, slot.pipeline->core())) [[unlikely]]
    return slot.pipeline->count_open_limit(true);
  account(*slot.pipeline, *thread.state, slot);
}

[[gnu::noinline]] void give_back_chain(Thread& thread, Slot& slot) noexcept {
  Pipeline& pipeline = *slot.pipeline;
  for (Slot* more = slot.next; more;) {
    Slot* next = more->next;
    if (thread.busy == 0 && thread.pipeline == &pipeline) {
      const Busy busy(thread);
      pipeline.slots().give(thread.state->slots, more);
    } else {
      pipeline.slots().give_shared(more);
    }
    more = next;
  }
}

void give_back(Thread& thread, Slot& slot) noexcept {
  if (slot.counts && slot.next) [[unlikely]] give_back_chain(thread, slot);
  if (slot.context.has_baggage()) [[unlikely]] slot.context = SpanContext();
  // Relaxed: tickets are compared by the thread that uses the span.
  slot.generation.store(slot.generation.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (thread.busy == 0 && thread.pipeline == slot.pipeline) [[likely]] {
    const Busy busy(thread);
    slot.pipeline->slots().give(thread.state->slots, &slot);
  } else {
    slot.pipeline->slots().give_shared(&slot);
  }
}

}  // namespace

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
    Thread& thread = this_thread();
    if (thread.busy == 0 && uses(thread, slot.pipeline->core())) thread.state->counters.baggage_dropped.add();
    return;
  }
  slot.context = SpanContext(slot.context.trace_id(), slot.context.span_id(), slot.context.flags(), made);
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
  Thread& thread = this_thread();
  if (!slot.finished) return close_record(thread, slot, at);
  if (slot.counts && thread.busy == 0 && uses(thread, slot.pipeline->core())) thread.state->counters.finished_twice.add();
}

void release(SpanHead* head) noexcept {
  Slot& slot = *slot_of(head);
  if (!slot.pipeline) [[unlikely]] return Process::count_inherited();
  Thread& thread = this_thread();
  if (!slot.finished) {
    if (slot.counts && std::uncaught_exceptions() > slot.exceptions) [[unlikely]] put_error(slot, {}, {});
    close_record(thread, slot, {});
  }
  give_back(thread, slot);
}

const SpanContext& context_of(const SpanHead* head) noexcept { return slot_of(head)->context; }

}  // namespace jtrace::inline v1::detail
