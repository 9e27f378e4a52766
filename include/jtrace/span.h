// Span and SpanRef: work in progress, and a borrowed look at it.
//
// A Span is a move-only handle of one pointer, made by a Tracer. It finishes when it is destroyed, or at finish(). A
// default-made, moved-from or finished Span is inert: every call on it is harmless and does nothing. One thread at a
// time may use a span; it may start on one thread and finish on another. No call blocks, locks, allocates from the
// heap (baggage aside) or throws, except what a caller's own conversion or lazy tag throws.
#pragma once

#include <concepts>
#include <exception>
#include <type_traits>
#include <utility>

#include "jtrace/detail/abi.h"

namespace jtrace::inline v1 {

class Scope;

namespace detail {
// A std::error_code, known by its members: its header would make this one dearer.
template <class T>
concept ErrorCode = requires(const T& code) {
  code.category();
  code.value();
  { code.message() } -> TextLike;
};
}  // namespace detail

// g++ warns where a std::optional of one is a member: it thinks that an empty one might be destroyed.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

class [[nodiscard]] Span {
 public:
  Span() noexcept = default;
  Span(Span&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
  Span& operator=(Span&& other) noexcept {
    Span taken(std::move(other));
    std::swap(head_, taken.head_);
    return *this;
  }
  // Finishes the span. If an exception is unwinding that was not there at the start, the span gets the boolean tag
  // `error` and a log `event=error` first.
  ~Span() {
    if (head_) detail::release(head_);
  }

  // Will what is set here be delivered? False for inert, unsampled and finished spans.
  bool is_recording() const noexcept { return head_ && head_->recording != 0; }
  explicit operator bool() const noexcept { return is_recording(); }
  bool is_sampled() const noexcept { return head_ && detail::context_of(head_).is_sampled(); }

  // By value; it stays valid after finish() and after the span is gone. Invalid for an inert span.
  SpanContext context() const noexcept { return head_ ? detail::context_of(head_) : SpanContext(); }

  // The value is copied. The last tag of a key wins. `sampling.priority` of more than 0 has the span kept from now on, and those below
  // it, whatever the sampler said; 0 has them left out. See docs/sampling.md.
  template <Taggable T>
  Span& set_tag(Text key, const T& value) & {
    if (is_recording()) {
      detail::add_value(head_, key, Value(value));
    } else if (detail::is_priority(key) && head_) {
      detail::set_priority(head_, Value(value));
    }
    return *this;
  }
  template <Taggable T>
  [[nodiscard]] Span set_tag(Text key, const T& value) && {
    return std::move(set_tag(key, value));
  }
  // `make()` is called only if the span is recording.
  template <std::invocable F>
    requires(!Taggable<std::remove_cvref_t<F>>)
  Span& set_tag(Text key, F&& make) & {
    if (is_recording()) {
      auto&& value = std::forward<F>(make)();
      set_tag(key, value);
    }
    return *this;
  }

  // One log with these fields. `at` is the wall-clock time, {} is now.
  Span& log(Fields fields, Timestamp at = {}) & noexcept {
    if (is_recording()) detail::add_log(head_, fields.begin(), fields.size(), at);
    return *this;
  }
  // The same with the field `event` first.
  Span& log(Text event, Fields fields = {}, Timestamp at = {}) & noexcept {
    if (is_recording()) detail::add_event(head_, event, fields.begin(), fields.size(), at);
    return *this;
  }

  Span& set_operation_name(Text name) & noexcept {
    if (is_recording()) detail::rename(head_, name);
    return *this;
  }

  // Carried to all spans that start below this one from now on, also over process borders. The one call that takes
  // memory from the heap; without memory the item is dropped and counted.
  Span& set_baggage_item(Text key, Text value) & noexcept {
    if (head_) detail::add_baggage(head_, key, value);
    return *this;
  }

  // The boolean tag `error`, and a log `event=error` with the message, if there is one. From an exception the log
  // also names its type, as `error.kind`.
  Span& set_error(Text message = "") & noexcept {
    if (is_recording()) detail::mark_error(head_, message);
    return *this;
  }
  Span& set_error(const std::exception_ptr& error) & noexcept {
    if (is_recording()) detail::mark_exception(head_, error);
    return *this;
  }
  Span& set_error(const std::exception& error) & noexcept {
    if (is_recording()) detail::mark_exception(head_, error);
    return *this;
  }
  Span& set_error(const detail::ErrorCode auto& code) & {
    if (is_recording()) detail::mark_error(head_, code.message());
    return *this;
  }
  Span& set_error(std::same_as<bool> auto) & = delete;  // a text, an exception or an error code

  // A child of this span, by the same tracer. Of an inert span: an inert one. `options.child_of` is ignored.
  Span start_child(Text name) const noexcept { return start_child(name, StartOptions{}); }
  Span start_child(Text name, StartOptions&& options) const noexcept;

  // Ends the span and hands it to the reporter. Once: later calls do nothing and are counted. A time before the start
  // gives the shortest duration, 1 µs.
  void finish(Timestamp at = {}) noexcept {
    if (head_) detail::finish(head_, at);
  }

 private:
  friend class Tracer;
  friend class ActiveSpan;
  friend class SpanRef;
  friend class Parent;
  friend Scope activate(const Span&) noexcept;
  friend Span start_span(Text) noexcept;
  friend Span start_span(Text, StartOptions&&) noexcept;
  explicit Span(detail::SpanHead* head) noexcept : head_(head) {}

  detail::SpanHead* head_ = nullptr;
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

// A borrowed span: everything but finishing it. Used after the span is gone it does nothing; it never reaches the
// span that got the same memory next. Like the span itself, for one thread at a time.
class SpanRef {
 public:
  SpanRef() noexcept = default;
  SpanRef(const Span& span) noexcept : ticket_(detail::ticket(span.head_)) {}

  bool is_recording() const noexcept { return detail::is_current(ticket_) && ticket_.span->recording != 0; }
  explicit operator bool() const noexcept { return is_recording(); }
  bool is_sampled() const noexcept { return context().is_sampled(); }
  SpanContext context() const noexcept {
    return detail::is_current(ticket_) ? detail::context_of(ticket_.span) : SpanContext();
  }

  template <Taggable T>
  const SpanRef& set_tag(Text key, const T& value) const {
    if (is_recording()) {
      detail::add_value(ticket_.span, key, Value(value));
    } else if (detail::is_priority(key) && detail::is_current(ticket_)) {
      detail::set_priority(ticket_.span, Value(value));
    }
    return *this;
  }
  template <std::invocable F>
    requires(!Taggable<std::remove_cvref_t<F>>)
  const SpanRef& set_tag(Text key, F&& make) const {
    if (is_recording()) {
      auto&& value = std::forward<F>(make)();
      set_tag(key, value);
    }
    return *this;
  }
  const SpanRef& log(Fields fields, Timestamp at = {}) const noexcept {
    if (is_recording()) detail::add_log(ticket_.span, fields.begin(), fields.size(), at);
    return *this;
  }
  const SpanRef& log(Text event, Fields fields = {}, Timestamp at = {}) const noexcept {
    if (is_recording()) detail::add_event(ticket_.span, event, fields.begin(), fields.size(), at);
    return *this;
  }
  const SpanRef& set_operation_name(Text name) const noexcept {
    if (is_recording()) detail::rename(ticket_.span, name);
    return *this;
  }
  const SpanRef& set_baggage_item(Text key, Text value) const noexcept {
    if (detail::is_current(ticket_)) detail::add_baggage(ticket_.span, key, value);
    return *this;
  }
  const SpanRef& set_error(Text message = "") const noexcept {
    if (is_recording()) detail::mark_error(ticket_.span, message);
    return *this;
  }
  const SpanRef& set_error(const std::exception_ptr& error) const noexcept {
    if (is_recording()) detail::mark_exception(ticket_.span, error);
    return *this;
  }
  const SpanRef& set_error(const std::exception& error) const noexcept {
    if (is_recording()) detail::mark_exception(ticket_.span, error);
    return *this;
  }
  const SpanRef& set_error(const detail::ErrorCode auto& code) const {
    if (is_recording()) detail::mark_error(ticket_.span, code.message());
    return *this;
  }
  const SpanRef& set_error(std::same_as<bool> auto) const = delete;

  Span start_child(Text name) const noexcept { return start_child(name, StartOptions{}); }
  Span start_child(Text name, StartOptions&& options) const noexcept;

 private:
  friend class Parent;
  friend SpanRef active_span() noexcept;
  explicit SpanRef(const detail::SpanTicket& ticket) noexcept : ticket_(ticket) {}

  detail::SpanTicket ticket_;
};

// The span that is active on this thread, or an inert one.
inline SpanRef active_span() noexcept { return SpanRef(detail::active_ticket()); }
// Its context; also where only a context was activated.
inline SpanContext active_context() noexcept { return detail::active_context(); }

inline Parent::Parent(const Span& span) noexcept
    : context_(span.head_ ? &detail::context_of(span.head_) : nullptr), is_root_(!span.head_) {}
inline Parent::Parent(const SpanRef& span) noexcept
    : context_(detail::is_current(span.ticket_) ? &detail::context_of(span.ticket_.span) : nullptr),
      is_root_(!context_) {}

inline Span Span::start_child(Text name, StartOptions&& options) const noexcept {
  if (!head_) return Span();
  options.child_of = *this;
  return Span(detail::start_span_near(head_, name, &options, sizeof options));
}

}  // namespace jtrace::inline v1
