// The seam between the headers and the shared library: a few plain structs and the functions behind every public call.
//
// The headers know two parts of the library's memory: whether any tracer is live (one relaxed load when tracing is
// off), and the beginning of a span: whether it is recording, and where its next item goes. Everything else is reached by
// the calls below, so that the layout of spans, threads and queues may change without recompiling users. None of them
// throws; none of them is for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string_view>

#include "jtrace/detail/export.h"
#include "jtrace/detail/item.h"
#include "jtrace/parent.h"
#include "jtrace/span_context.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {
struct Stats;
}

namespace jtrace::inline v1::detail {

// The first words of a live span, written by its owner only.
struct SpanHead {
  std::uint32_t mode;       // the library's
  std::uint32_t recording;  // 1: what is set will be delivered
  char* write;              // the next item's place …
  char* limit;              // … and the end of what is at hand; both only while it is recording
};

// What a Tracer points to. It is never freed, and what stands behind it may change (init, testing).
struct TracerHead {
  static constexpr std::uint32_t kOff = 0, kOn = 1, kUndecided = 2;
  std::uint32_t state;  // atomic
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

// Of a word that the library changes by std::atomic_ref. Relaxed: a hint that the calls below check again; nothing is
// published through it. <atomic> itself brings waiting, and with it half of <thread>, into every program's units.
inline std::uint32_t load_relaxed(const std::uint32_t& word) noexcept { return __atomic_load_n(&word, __ATOMIC_RELAXED); }

JTRACE_API extern constinit std::uint32_t live_tracers;
inline bool any_tracer() noexcept { return load_relaxed(live_tracers) != 0; }

JTRACE_API extern constinit TracerHead* const off_head;  // of tracers that are off for ever
JTRACE_API bool decide(const TracerHead*) noexcept;  // configures the global tracer at its first use

JTRACE_API SpanHead* start_span(const TracerHead*, std::string_view name) noexcept;
JTRACE_API SpanHead* start_span(const TracerHead*, std::string_view name, const StartOptions*, std::size_t) noexcept;
JTRACE_API ActiveStart start_active_span(const TracerHead*, std::string_view name, const StartOptions*,
                                         std::size_t) noexcept;
// By the tracer of `origin`, else that of the active span, else the global one.
JTRACE_API SpanHead* start_span_near(const SpanHead* origin, std::string_view name, const StartOptions*,
                                     std::size_t) noexcept;
JTRACE_API ActiveStart start_active_span_near(std::string_view name, const StartOptions*, std::size_t) noexcept;

// A span that was started around a method from outside. The method itself, as the compiler calls it, takes it over if it has a trace
// of its own, instead of starting another one; then the one that has offered it lets it be. For the length of a call, on its thread.
struct SpanOffer {
  std::string_view name;  // of the span
  std::string_view made;  // of the method: that of an inherited one is its own class's
  ActiveStart started;
  bool is_taken = false;
};
JTRACE_API void start_offered(SpanOffer*) noexcept;
JTRACE_API void withdraw(const SpanOffer*) noexcept;
// What is on offer under the name that the compiler has made, or a span of that name near.
JTRACE_API ActiveStart start_function_near(std::string_view made, std::string_view name) noexcept;

// A span that a function has taken over. Where an exception brings it to its end meanwhile, it is kept for whoever has called the
// function, who sees the exception. For the length of a call, on its thread.
struct SpanLoan {
  SpanTicket span;
  SpanLoan* outer = nullptr;  // of a call around this one
  bool is_back = false;
  Timestamp back_at{};
};
JTRACE_API void lend(SpanLoan*) noexcept;
// Finishes what has come back, marked with the exception, or with an error that nobody else has seen.
JTRACE_API void settle(SpanLoan*, const std::exception_ptr* seen) noexcept;

JTRACE_API void add_tag(SpanHead*, std::string_view key, Value) noexcept;
JTRACE_API void add_text_tag(SpanHead*, std::string_view key, std::string_view value) noexcept;
JTRACE_API void add_integer_tag(SpanHead*, std::string_view key, std::int64_t value) noexcept;

// Does the compiler know the size, and is a copy of it a few moves?
[[gnu::always_inline]] inline bool is_known_short(std::size_t size) noexcept {
  return __builtin_constant_p(size) && size <= 64;
}
// Header and key of an item; where its value goes, or null if it does not fit into what is at hand.
[[gnu::always_inline]] inline char* begin_item(SpanHead* span, Op op, std::string_view key, std::uint32_t value_size,
                                               std::size_t payload) noexcept {
  char* const at = span->write;
  const std::size_t size = sizeof(ItemHeader) + key.size() + payload;
  if (static_cast<std::size_t>(span->limit - at) < size) [[unlikely]] return nullptr;
  const ItemHeader header{op, 0, static_cast<std::uint16_t>(key.size()), value_size};
  span->write = at + size;
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + sizeof header, key.data(), key.size());
  return at + size - payload;
}
[[gnu::always_inline]] inline bool put_word(SpanHead* span, Op op, std::string_view key, const void* word) noexcept {
  char* to = begin_item(span, op, key, 8, 8);
  if (to) [[likely]] std::memcpy(to, word, 8);
  return to != nullptr;
}
// A tag whose type and sizes the compiler knows, as with a literal key and a number, is written in place. False: by a call.
[[gnu::always_inline]] inline bool put_tag(SpanHead* span, std::string_view key, const Value& value) noexcept {
  const Value::Type type = value.type();
  if (!__builtin_constant_p(type) || !is_known_short(key.size())) return false;
  if (type == Value::Type::integer) {
    const std::int64_t word = value.as_integer();
    return put_word(span, Op::integer, key, &word);
  }
  if (type == Value::Type::floating) {
    const double word = value.as_double();
    return put_word(span, Op::floating, key, &word);
  }
  if (type == Value::Type::boolean) return begin_item(span, Op::boolean, key, value.as_bool() ? 1 : 0, 0);
  const std::string_view text = value.as_text();
  if (type != Value::Type::text || !is_known_short(text.size())) return false;
  char* to = begin_item(span, Op::text, key, static_cast<std::uint32_t>(text.size()), text.size());
  if (to) [[likely]] std::memcpy(to, text.data(), text.size());
  return to != nullptr;
}
// The tag by which a span asks to be kept (more than 0) or left out (0); it reaches spans that are not recording, too.
inline constexpr std::string_view kPriorityKey = "sampling.priority";
JTRACE_API void set_priority(SpanHead*, Value) noexcept;
// Known by the compiler where the key is a literal.
[[gnu::always_inline]] inline bool is_priority(std::string_view key) noexcept {
  return key.size() == kPriorityKey.size() && std::memcmp(key.data(), kPriorityKey.data(), kPriorityKey.size()) == 0;
}

[[gnu::always_inline]] inline void add_value(SpanHead* span, std::string_view key, const Value& value) noexcept {
  if (is_priority(key)) [[unlikely]] return set_priority(span, value);
  if (put_tag(span, key, value)) [[likely]] return;
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

// What is active on a thread, to be made active on another one: the context, and whose tracer goes on with it.
class Core;
struct TakenContext {
  SpanContext context;
  Core* core = nullptr;
};
JTRACE_API TakenContext take_active_context() noexcept;
JTRACE_API ScopeHandle activate(const TakenContext&) noexcept;

// A part of a thread's chain, from its newest scope to `outermost`: off this thread, with the newest as its other end …
JTRACE_API ScopeHandle leave_scopes(const ScopeHandle& outermost) noexcept;
// … and on top of this thread's chain, or for ever on none.
JTRACE_API void enter_scopes(const ScopeHandle& outermost, const ScopeHandle& newest) noexcept;
JTRACE_API void abandon_scopes(const ScopeHandle& outermost, const ScopeHandle& newest) noexcept;

// How many spans this thread has started so far and not left out again; for automatic tracing.
JTRACE_API std::uint64_t spans_started_here() noexcept;

JTRACE_API bool flush(const TracerHead*, std::int64_t nanoseconds) noexcept;
JTRACE_API bool close(const TracerHead*, std::int64_t nanoseconds) noexcept;
JTRACE_API void read_stats(const TracerHead*, Stats*, std::size_t) noexcept;

}  // namespace jtrace::inline v1::detail
