#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <span>
#include <typeinfo>

#include "core/active.h"
#include "core/baggage.h"
#include "core/baggage_rules.h"
#include "core/core.h"
#include "core/leader.h"
#include "core/span_writer.h"
#include "core/stamp.h"
#include "encode/utf8.h"

namespace jtrace::inline v1::detail {
namespace {

void put_log_head(Slot& slot, Timestamp at) noexcept {
  const bool is_wall = at != Timestamp() || !slot.has(Slot::kTicks);
  const std::uint64_t stamp = at != Timestamp() ? wall_stamp(at) : stamp_now(slot.has(Slot::kTicks));
  SpanWriter(slot).word(Op::log, is_wall ? kWall : 0, {}, stamp);
  slot.record.flags |= kHasLogs;
}

void put_field(Slot& slot, std::string_view key, const Value& value) noexcept {
  SpanWriter(slot).value(key, value, kField);
}

void put_error(Slot& slot, const std::type_info& type, std::string_view message) noexcept {
  int status = 0;
  char* readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  put_error(slot, status == 0 ? readable : type.name(), message);
  std::free(readable);
}

void count_baggage(Slot& slot, bool is_set, bool is_cut) noexcept {
  Thread* thread = idle_thread();
  if (!thread || !uses(*thread, slot.pipeline->core())) return;
  ThreadCounters& counters = thread->state->counters;
  (is_set ? counters.baggage_set : counters.baggage_refused).add();
  if (is_set && is_cut) counters.baggage_truncated.add();
  if (!is_set || is_cut) counters.baggage_dropped.add();
}

// As the official clients log it; `trouble` is what became of the item, null if nothing.
void log_baggage(SpanHead* head, std::string_view key, std::string_view value, const char* trouble) noexcept {
  const std::string_view outcome = trouble ? trouble : "";
  const Field fields[] = {{"key", key}, {"value", value}, {outcome, true}};
  add_event(head, "baggage", fields, trouble ? 3 : 2, {});
}

}  // namespace

void put_error(Slot& slot, std::string_view kind, std::string_view message) noexcept {
  SpanWriter(slot).flag(0, "error", true);
  put_log_head(slot, {});
  put_field(slot, "event", "error");
  if (!kind.empty()) put_field(slot, "error.kind", kind);
  if (!message.empty()) put_field(slot, "message", message);
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
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::add_log, add_log, head, fields, count, at);
  Slot& slot = *slot_of(head);
  put_log_head(slot, at);
  for (const Field& field : std::span(fields, count)) put_field(slot, field.key, field.value);
}

void add_event(SpanHead* head, std::string_view event, const Field* fields, std::size_t count, Timestamp at) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::add_event, add_event, head, event, fields, count, at);
  Slot& slot = *slot_of(head);
  put_log_head(slot, at);
  put_field(slot, "event", event);
  for (const Field& field : std::span(fields, count)) put_field(slot, field.key, field.value);
}

void rename(SpanHead* head, std::string_view name) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::rename, rename, head, name);
  Slot& slot = *slot_of(head);
  SpanWriter(slot).item(Op::rename, 0, {}, name);
  slot.record.flags |= kRenamed;
}

void add_baggage(SpanHead* head, std::string_view key, std::string_view value) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::add_baggage, add_baggage, head, key, value);
  Slot& slot = *slot_of(head);
  if (!slot.pipeline) return;
  const Settings& settings = slot.pipeline->core().settings();
  const BaggageVerdict verdict = judge_baggage(settings, slot.context.baggage(), key);
  const std::string_view taken = value.size() <= verdict.max_value_bytes
                                     ? value
                                     : value.substr(0, cut_utf8(value, verdict.max_value_bytes));
  const Baggage* made = verdict.is_allowed ? Baggage::with(slot.context.baggage(), key, taken) : nullptr;
  count_baggage(slot, made != nullptr, taken.size() != value.size());
  if (made) {
    slot.context = SpanContext(slot.context.trace_id(), slot.context.span_id(), slot.context.all_flags(), made);
    slot.head.mode |= Slot::kBaggage;
    refresh_frames(*head);
  }
  if (head->recording == 0) return;
  log_baggage(head, key, taken, !made ? "invalid" : taken.size() != value.size() ? "truncated" : nullptr);
}

void mark_error(SpanHead* head, std::string_view message) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::mark_error, mark_error, head, message);
  Slot& slot = *slot_of(head);
  if (message.empty()) return SpanWriter(slot).flag(0, "error", true);
  put_error(slot, {}, message);
}

void mark_exception(SpanHead* head, const std::exception& error) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::mark_exception, mark_exception, head, error);
  put_error(*slot_of(head), typeid(error), error.what());
}

void mark_exception(SpanHead* head, const std::exception_ptr& error) noexcept {
  if (!is_leader()) [[unlikely]] return pass_on(&Interface::mark_exception_ptr, mark_exception, head, error);
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

const SpanContext& context_of(const SpanHead* head) noexcept { return slot_of(head)->context; }

}  // namespace jtrace::inline v1::detail
