// The seam between the headers and the shared library: a few plain structs and the functions behind every public call.
//
// The headers know two words of the library's memory: whether any tracer is live (one relaxed load when tracing is
// off) and whether a span is recording. Everything else is reached by the calls below, so that the layout of spans,
// threads and queues may change without recompiling users. None of them throws; none of them is for users.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>

#include "jtrace/detail/export.h"
#include "jtrace/parent.h"
#include "jtrace/span_context.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {
struct Stats;
}

namespace jtrace::inline v1::detail {

// The first word of a live span, written by its owner only.
struct SpanHead {
  std::uint32_t recording;
};

// What a Tracer points to. It is never freed, and what stands behind it may change (init, testing).
struct TracerHead {
  static constexpr std::uint32_t kOff = 0, kOn = 1, kUndecided = 2;
  std::atomic<std::uint32_t> state;
};

// One entry of a thread's chain of active contexts. The serial tells a scope from the frame's next tenant.
struct Frame;
struct ScopeHandle {
  Frame* frame = nullptr;
  std::uint64_t serial = 0;
};
struct ActiveStart {
  SpanHead* span = nullptr;
  ScopeHandle scope;
};

// A span and its id, for SpanRef: the id tells it from the next tenant of its memory.
struct SpanTicket {
  SpanHead* span = nullptr;
  std::uint64_t id = 0;
};

// Relaxed: a hint that the calls below check again; nothing is published through it.
JTRACE_API extern constinit std::atomic<std::uint32_t> live_tracers;
inline bool any_tracer() noexcept { return live_tracers.load(std::memory_order_relaxed) != 0; }

JTRACE_API bool decide(const TracerHead*) noexcept;  // configures the global tracer at its first use

JTRACE_API SpanHead* start_span(const TracerHead*, std::string_view name) noexcept;
JTRACE_API SpanHead* start_span(const TracerHead*, std::string_view name, const StartOptions*, std::size_t) noexcept;
JTRACE_API ActiveStart start_active_span(const TracerHead*, std::string_view name, const StartOptions*,
                                         std::size_t) noexcept;
// By the tracer of `origin`, else that of the active span, else the global one.
JTRACE_API SpanHead* start_span_near(const SpanHead* origin, std::string_view name, const StartOptions*,
                                     std::size_t) noexcept;
JTRACE_API ActiveStart start_active_span_near(std::string_view name, const StartOptions*, std::size_t) noexcept;

JTRACE_API void add_tag(SpanHead*, std::string_view key, Value) noexcept;
JTRACE_API void add_text_tag(SpanHead*, std::string_view key, std::string_view value) noexcept;
JTRACE_API void add_integer_tag(SpanHead*, std::string_view key, std::int64_t value) noexcept;
// The compiler knows the type at nearly every call, and so which of the three it is.
inline void add_value(SpanHead* span, std::string_view key, const Value& value) noexcept {
  if (value.type() == Value::Type::text) return add_text_tag(span, key, value.as_text());
  if (value.type() == Value::Type::integer) return add_integer_tag(span, key, value.as_integer());
  add_tag(span, key, value);
}
JTRACE_API void add_log(SpanHead*, const Field*, std::size_t, Timestamp) noexcept;
JTRACE_API void add_event(SpanHead*, std::string_view event, const Field*, std::size_t, Timestamp) noexcept;
JTRACE_API void rename(SpanHead*, std::string_view name) noexcept;
JTRACE_API void add_baggage(SpanHead*, std::string_view key, std::string_view value) noexcept;
JTRACE_API void mark_error(SpanHead*, std::string_view message) noexcept;
JTRACE_API void mark_exception(SpanHead*, const std::exception&) noexcept;
JTRACE_API void mark_exception(SpanHead*, const std::exception_ptr&) noexcept;
JTRACE_API void finish(SpanHead*, Timestamp) noexcept;
JTRACE_API void release(SpanHead*) noexcept;  // finishes if that was not done, then gives the memory back
JTRACE_API const SpanContext& context_of(const SpanHead*) noexcept;

JTRACE_API SpanTicket ticket(SpanHead*) noexcept;
JTRACE_API SpanTicket active_ticket() noexcept;
JTRACE_API bool is_current(const SpanTicket&) noexcept;

JTRACE_API ScopeHandle activate(const SpanContext&) noexcept;
JTRACE_API ScopeHandle activate_span(SpanHead*) noexcept;
JTRACE_API void close_scope(const ScopeHandle&) noexcept;
JTRACE_API SpanContext active_context() noexcept;

JTRACE_API bool flush(const TracerHead*, std::int64_t nanoseconds) noexcept;
JTRACE_API bool close(const TracerHead*, std::int64_t nanoseconds) noexcept;
JTRACE_API void read_stats(const TracerHead*, Stats*, std::size_t) noexcept;

}  // namespace jtrace::inline v1::detail
