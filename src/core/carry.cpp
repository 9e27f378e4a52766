// Contexts over the border of the process, by the settings of a tracer, and counted in its books.
#include "core/core.h"
#include "core/global.h"
#include "core/leader.h"
#include "jtrace/carriers.h"
#include "jtrace/propagation.h"
#include "propagation/binary_format.h"
#include "propagation/header_table.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr Propagation kUsual{};
constinit const HeaderTable kUsualTable{kUsual};

// Of a handle, or without one the active span's, else the global one's. Null where tracing is off.
Core* core_for(const TracerHead* head) noexcept {
  if (!any_tracer()) return nullptr;
  if (!head) return core_near();
  Core* core = core_of(head);
  return core || load_relaxed(head->state) != TracerHead::kUndecided ? core : global_core();
}

const HeaderTable& table_of(const Core* core) noexcept { return core ? core->headers() : kUsualTable; }

// On the caller's thread, as all counters; a thread that may not trace has none.
[[gnu::noinline, gnu::cold]] void count(Core* core, const Losses& losses) noexcept {
  Thread* thread = core ? idle_thread() : nullptr;
  if (!thread) return;
  const Busy busy(*thread);
  if (!uses(*thread, *core)) return;
  thread->state->counters.decoding_errors.add(losses.decoding_errors);
  thread->state->counters.baggage_dropped.add(losses.baggage_dropped);
}

template <class F>
auto counted(Core* core, F&& work) {
  Losses losses;
  struct AtEnd {
    Core* core;
    Losses& losses;
    ~AtEnd() {
      if (losses.any()) [[unlikely]] count(core, losses);
    }
  } const at_end{core, losses};
  return work(table_of(core), losses);
}

}  // namespace

void inject(const TracerHead* head, const SpanContext& context, HeaderSink sink) {
  if (!context.is_valid()) return;
  if (!is_leader()) [[unlikely]] {
    if (const Interface* other = leader()) return other->inject(head, context, sink);
  }
  counted(core_for(head), [&](const HeaderTable& table, Losses& losses) { inject(table.how(), context, sink, losses); });
}

SpanContext extract(const TracerHead* head, const void* carrier, void (*visit)(const void* carrier, HeaderVisitor)) {
  if (!is_leader()) [[unlikely]] {
    if (const Interface* other = leader()) return other->extract(head, carrier, visit);
  }
  return counted(core_for(head), [&](const HeaderTable& table, Losses& losses) { return extract(table, carrier, visit, losses); });
}

void inject_binary(const TracerHead* head, const SpanContext& context, HeaderSink sink) {
  if (const Interface* other = leader()) return other->inject_binary(head, context, sink);
  counted(core_for(head), [&](const HeaderTable&, Losses& losses) {
    const std::string bytes = write_binary(context, losses);
    sink.put(sink.to, {}, bytes);
  });
}

SpanContext extract_binary(const TracerHead* head, std::string_view bytes) {
  if (const Interface* other = leader()) return other->extract_binary(head, bytes);
  return counted(core_for(head), [&](const HeaderTable& table, Losses& losses) { return read_binary(table.how(), bytes, losses); });
}

}  // namespace jtrace::inline v1::detail
