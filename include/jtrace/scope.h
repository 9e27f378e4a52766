// Scope and ActiveSpan: what is active on this thread.
//
// A Scope keeps a span or a context active until the end of its block and owns no span; an ActiveSpan is a span and
// its scope in one, the usual way to trace a block. Spans started meanwhile on this thread become children. Scopes may
// be closed in any order, twice, or on another thread: the chain below stays right.
#pragma once

#include <string_view>
#include <utility>

#include "jtrace/span.h"

namespace jtrace::inline v1 {

class Scope;
class ActiveSpan;
namespace detail {
class OfferedSpan;
ActiveSpan start_function(std::string_view made, std::string_view name) noexcept;
ActiveSpan start_where_live(std::string_view name) noexcept;
Scope activate_taken(const TakenContext&) noexcept;
}

// g++ warns where a std::optional of these is a member: it thinks that an empty one might be destroyed.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

class [[nodiscard]] Scope {
 public:
  Scope(Scope&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Scope& operator=(Scope&&) = delete;
  ~Scope() { close(); }

  void close() noexcept {
    if (handle_.frame) detail::close_scope(std::exchange(handle_, {}));
  }
  // co_await scope.carry(awaitable): stays with the coroutine while it is suspended; see jtrace/coroutine.h, which it needs.
  template <class A>
  auto carry(A&& awaitable) &;

 private:
  friend class ActiveSpan;
  friend Scope activate(const SpanContext&) noexcept;
  friend Scope activate(const Span&) noexcept;
  friend Scope detail::activate_taken(const detail::TakenContext&) noexcept;
  explicit Scope(const detail::ScopeHandle& handle) noexcept : handle_(handle) {}

  detail::ScopeHandle handle_;
};

// Makes the context active here. The scope keeps its own copy; the span may be moved, finished or destroyed meanwhile.
inline Scope activate(const SpanContext& context) noexcept { return Scope(detail::activate(context)); }
// The same for a span, which active_span() then finds. The span is not finished when the scope ends.
inline Scope activate(const Span& span) noexcept { return Scope(detail::activate_span(span.head_)); }

class [[nodiscard]] ActiveSpan {
 public:
  ActiveSpan(ActiveSpan&&) noexcept = default;
  ActiveSpan& operator=(ActiveSpan&&) = delete;

  // Only on a named ActiveSpan: that of a temporary would end at the semicolon.
  Span* operator->() & noexcept { return &span_; }
  Span* operator->() && = delete;
  Span& operator*() & noexcept { return span_; }
  Span& operator*() && = delete;
  Span& span() & noexcept { return span_; }
  const Span& span() const& noexcept { return span_; }
  void span() && = delete;

  // Inactive first, then finished. Also done by the destructor.
  void close() noexcept {
    scope_.close();
    span_ = Span();
  }
  // Ends the scope and hands the span on, still recording.
  [[nodiscard]] Span release() && noexcept {
    scope_.close();
    return std::move(span_);
  }
  // As Scope::carry.
  template <class A>
  auto carry(A&& awaitable) &;

 private:
  friend class Tracer;
  friend class Parent;
  friend ActiveSpan start_active_span(Text) noexcept;
  friend ActiveSpan start_active_span(Text, StartOptions&&) noexcept;
  friend ActiveSpan detail::start_function(std::string_view, std::string_view) noexcept;
  friend ActiveSpan detail::start_where_live(std::string_view) noexcept;
  friend class detail::OfferedSpan;
  explicit ActiveSpan(const detail::ActiveStart& started) noexcept : span_(started.span), scope_(started.scope) {}

  // It is another one's by now.
  void let_be() noexcept {
    span_.head_ = nullptr;
    scope_.handle_ = {};
  }

  Span span_;
  Scope scope_;
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

inline Parent::Parent(const ActiveSpan& active) noexcept : Parent(active.span_) {}

}  // namespace jtrace::inline v1
