// Parent, Links, Kind and StartOptions: where a new span hangs in its trace, and what it starts with.
//
// A Parent is a span, a scope or a context, borrowed for the call. The default is the span that is active on this
// thread; `jtrace::root` starts a new trace; an inert span or an invalid context means a new trace too, never the
// active span. Links are the spans that this one follows from (OpenTracing's FOLLOWS_FROM references).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "jtrace/detail/chrono.h"
#include "jtrace/span_context.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {

// A wall-clock time. {} means "now".
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

class Span;
class SpanRef;
class ActiveSpan;

struct Root {};
inline constexpr Root root{};

// The tag span.kind of the OpenTracing conventions; none sends no tag.
enum class Kind : std::uint8_t { none, client, server, producer, consumer, internal };

class Parent {
 public:
  constexpr Parent() noexcept = default;
  constexpr Parent(Root) noexcept : is_root_(true) {}
  Parent(const Span&) noexcept;
  Parent(const ActiveSpan&) noexcept;
  Parent(const SpanRef&) noexcept;
  constexpr Parent(const SpanContext& context JTRACE_BORROWS) noexcept : context_(&context) {}

  // Null where the parent is the active span, or nobody.
  constexpr const SpanContext* context() const noexcept { return context_; }
  constexpr bool is_root() const noexcept { return is_root_; }

 private:
  const SpanContext* context_ = nullptr;
  bool is_root_ = false;
};

class Links {
 public:
  constexpr Links() noexcept = default;
  template <class T>
    requires std::convertible_to<const T&, Parent>
  constexpr Links(const T& one JTRACE_BORROWS) noexcept : one_(one), size_(1) {}
  constexpr Links(std::initializer_list<Parent> list JTRACE_BORROWS) noexcept
      : many_(std::data(list)), size_(list.size()) {}

  constexpr const Parent* begin() const noexcept { return many_ ? many_ : &one_; }
  constexpr const Parent* end() const noexcept { return begin() + size_; }
  constexpr std::size_t size() const noexcept { return size_; }

 private:
  Parent one_{};
  const Parent* many_ = nullptr;
  std::size_t size_ = 0;
};

// Ids that come from elsewhere, for spans made from logs or replayed. What is zero is as it would be without: a span id is drawn, and
// without a trace id the span belongs to its parent's trace. With one `child_of` does not count, and the span is a root
// unless `parent_id` says whose child it is; the sampler is asked about the trace id. Nothing looks whether ids are unique.
struct Identity {
  TraceId trace_id{};
  SpanId span_id{};
  SpanId parent_id{};
};

// An argument rather than a thing to keep: it borrows, and is taken as an rvalue only.
struct StartOptions {
  Parent child_of{};
  Links follows_from{};
  Kind kind{};
  Timestamp start_time{};
  Fields tags{};
  Identity identity{};
};

}  // namespace jtrace::inline v1
