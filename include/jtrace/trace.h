// trace, wrap and traced: functions in spans of their own, with nothing edited in them.
//
//   auto page = jtrace::trace("get", download, url);          // runs now, in a span "get"
//   auto work = jtrace::wrap("work", [&](int n) { … });        // a callable, traced at each call
//   auto page = jtrace::traced<&net::download>(url);           // a function object, named "net::download" …
//   auto page = jtrace::traced<&net::download, "get">(url);    // … or as you say
//   auto data = jtrace::traced<&net::Client::read>(client, 5); // a method: the object comes first
//   jtrace::trace("get", [&](jtrace::Span& span) { span.set_tag("http.url", url); … });
//
// The span is active while the function runs. A function that cannot be called without it gets the span as its last
// argument: `Span&` and `SpanRef` borrow it, `Span` takes it over; it is always there, inert when tracing is off. Arguments,
// results and references pass as they are. An exception passes, too, and marks the span with its type and message.
// Where a std::future is returned, a TracedFuture comes out of it (jtrace/future.h), and the span ends when the result is
// there; so it does for a coroutine that can be awaited, whose type stays. This header brings all that traces from outside:
// jtrace/traced_class.h for classes, jtrace/carry.h and jtrace/coroutine.h for threads and coroutines.
//
// A call begins and ends on the same thread. A function whose stack moves to another one meanwhile (a fiber, a stackful coroutine) is not
// for these: it starts a Span of its own, which may go with it.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jtrace/carry.h"
#include "jtrace/coroutine.h"
#include "jtrace/detail/entity_name.h"
#include "jtrace/detail/run_traced.h"
#include "jtrace/detail/signature.h"
#include "jtrace/function.h"
#include "jtrace/future.h"
#include "jtrace/traced_class.h"

namespace jtrace::inline v1 {

// Runs f now, in an active span.
template <bool Exceptions = JTRACE_DETAIL_EXCEPTIONS, class F, class... A>
  requires Traceable<F, A...>
decltype(auto) trace(Text name, F&& f, A&&... arguments) {
  return detail::run<Exceptions>(name, std::forward<F>(f), std::forward<A>(arguments)...);
}

namespace detail {

// A callable and the name that it is traced by.
template <class F, bool Exceptions>
class [[nodiscard]] Wrapped {
 public:
  template <class G>
  Wrapped(std::string_view name, G&& f) : name_(name), f_(std::forward<G>(f)) {}

  template <class... A>
    requires Traceable<F&, A...>
  decltype(auto) operator()(A&&... arguments) & {
    return run<Exceptions>(name_, f_, std::forward<A>(arguments)...);
  }
  template <class... A>
    requires Traceable<const F&, A...>
  decltype(auto) operator()(A&&... arguments) const& {
    return run<Exceptions>(name_, f_, std::forward<A>(arguments)...);
  }
  template <class... A>
    requires Traceable<F, A...>
  decltype(auto) operator()(A&&... arguments) && {
    return run<Exceptions>(name_, std::move(f_), std::forward<A>(arguments)...);
  }

 private:
  std::string name_;
  F f_;
};

}  // namespace detail

// A callable that runs f in a span at each call. It owns the name and f, and is copied, moved and called as f is.
template <bool Exceptions = JTRACE_DETAIL_EXCEPTIONS, class F>
  requires detail::MayBeCalled<std::decay_t<F>>
[[nodiscard]] auto wrap(Text name, F&& f) {
  return detail::Wrapped<std::decay_t<F>, Exceptions>(name, std::forward<F>(f));
}

// The function behind a pointer that is known to the compiler, traced. What is made of a function keeps its signature,
// so that braces, nullptr and conversions work as before, and is itself a pointer to a function where one is wanted.
template <auto F, detail::FixedString Name = "", bool Exceptions = JTRACE_DETAIL_EXCEPTIONS>
inline constexpr detail::TracedOf<F, Name, Exceptions> traced{};

// One of several functions, or methods, of a name: traced<overload<int(double)>(&f)>, overload<int() const>(&T::f).
template <class S>
constexpr S* overload(S* function) noexcept {
  return function;
}
template <class S, class T>
constexpr auto overload(S T::*method) noexcept {
  return method;
}

}  // namespace jtrace::inline v1
