// How a function runs in a span: whether it is handed the span, what its exceptions do, and when the span ends.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jtrace/detail/marking.h"
#include "jtrace/detail/result.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

namespace detail {
// What can be called without a span is called without one. Otherwise it gets one behind its arguments: `Span&` and
// `SpanRef` borrow it, `Span` takes it over.
template <class F, class... A>
concept TakesNoSpan = std::invocable<F, A...>;
template <class F, class... A>
concept BorrowsSpan = !TakesNoSpan<F, A...> && std::invocable<F, A..., Span&>;
template <class F, class... A>
concept OwnsSpan = !TakesNoSpan<F, A...> && !BorrowsSpan<F, A...> && std::invocable<F, A..., Span>;
}  // namespace detail

// Can be called with these arguments, or with these and a span.
template <class F, class... A>
concept Traceable = detail::TakesNoSpan<F, A...> || detail::BorrowsSpan<F, A...> || detail::OwnsSpan<F, A...>;

namespace detail {

template <class F, class... A>
struct TracedCall;
template <class F, class... A>
  requires TakesNoSpan<F, A...>
struct TracedCall<F, A...> {
  using Result = std::invoke_result_t<F, A...>;
};
template <class F, class... A>
  requires BorrowsSpan<F, A...>
struct TracedCall<F, A...> {
  using Result = std::invoke_result_t<F, A..., Span&>;
};
template <class F, class... A>
  requires OwnsSpan<F, A...>
struct TracedCall<F, A...> {
  using Result = std::invoke_result_t<F, A..., Span>;
};
template <class F, class... A>
using ResultOf = typename TracedCall<F, A...>::Result;

// The active span, which goes to a new owner: if it ends there by an exception, that is told to it here.
class LentSpan {
 public:
  LentSpan() noexcept {
    if (loan_.span.span) lend(&loan_);
  }
  ~LentSpan() { settle_with(nullptr); }
  LentSpan(const LentSpan&) = delete;

  void settle_with(const std::exception_ptr* error) noexcept {
    if (loan_.span.span) settle(&loan_, error);
    loan_.span = {};
  }

 private:
  SpanLoan loan_{active_ticket()};
};

// The span goes along with its new owner; its context stays active here.
template <bool Exceptions, class F, class... A>
decltype(auto) run_owned(std::string_view name, F&& f, A&&... arguments) {
  if (!any_tracer()) return std::invoke(std::forward<F>(f), std::forward<A>(arguments)..., Span());
  Span span = v1::start_span(name);
  const Scope scope = v1::activate(span);
  const auto call = [&]() -> decltype(auto) {
    return std::invoke(std::forward<F>(f), std::forward<A>(arguments)..., std::move(span));
  };
  if constexpr (Exceptions && !std::is_nothrow_invocable_v<F, A..., Span>) {
    LentSpan lent;
    return Marking<true>::call(call, [&lent](const std::exception_ptr& error) { lent.settle_with(&error); });
  } else {
    return call();
  }
}

// Finished at once, since its destructor would mark it once more while the exception goes on.
inline void fail(ActiveSpan& active, const std::exception_ptr& error) noexcept {
  active->set_error(error);
  active.close();
}

// An active span around a method, which the method takes over if it traces itself.
class OfferedSpan {
 public:
  OfferedSpan(std::string_view name, std::string_view made) noexcept : offer_{name, made, {}, false}, active_(start(offer_)) {}
  ~OfferedSpan() {
    if (offer_.started.span) withdraw(&offer_);
    if (offer_.is_taken) active_.let_be();
  }
  OfferedSpan(const OfferedSpan&) = delete;

  Span& operator*() noexcept { return *active_; }

 private:
  static const ActiveStart& start(SpanOffer& offer) noexcept {
    if (any_tracer()) start_offered(&offer);
    return offer.started;
  }
  // Where it was taken over, its new owner has marked it.
  friend void fail(OfferedSpan& span, const std::exception_ptr& error) noexcept {
    if (!span.offer_.is_taken) fail(span.active_, error);
  }

  SpanOffer offer_;
  ActiveSpan active_;
};

// `Started` is an ActiveSpan, or an OfferedSpan.
template <bool Exceptions, class Started, class F, class... A>
[[gnu::always_inline]] inline decltype(auto) run_in(Started& active, F&& f, A&&... arguments) {
  const auto call = [&]() -> decltype(auto) {
    if constexpr (TakesNoSpan<F, A...>) {
      return std::invoke(std::forward<F>(f), std::forward<A>(arguments)...);
    } else {
      return std::invoke(std::forward<F>(f), std::forward<A>(arguments)..., *active);
    }
  };
  constexpr bool may_throw = TakesNoSpan<F, A...> ? !std::is_nothrow_invocable_v<F, A...>
                                                  : !std::is_nothrow_invocable_v<F, A..., Span&>;
  return Marking<Exceptions && may_throw>::call(call, [&](const std::exception_ptr& error) {
    fail(active, error);
  });
}

template <bool Exceptions, class F, class... A>
auto run_until_result(std::string_view name, F&& f, A&&... arguments) {
  static_assert(TakesNoSpan<F, A...> || std::invocable<F, A..., SpanRef>,
                "a Span& would dangle once the function has returned its future or coroutine: take jtrace::SpanRef or jtrace::Span");
  ActiveSpan active = v1::start_active_span(name);
  ResultOf<F, A...> result = run_in<Exceptions>(active, std::forward<F>(f), std::forward<A>(arguments)...);
  return finish_with<Exceptions>(std::move(result), std::move(active).release());
}

// For those who have found that some tracer is live.
inline ActiveSpan start_where_live(std::string_view name) noexcept { return ActiveSpan(start_active_span_near(name, nullptr, 0)); }

template <class F>
concept IsFunction = std::is_function_v<std::remove_pointer_t<std::remove_cvref_t<F>>>;

// Inlined, as what is written by hand would be.
template <bool Exceptions, class F, class... A>
[[gnu::always_inline]] inline decltype(auto) run(std::string_view name, F&& f, A&&... arguments) {
  if constexpr (OwnsSpan<F, A...>) {
    return run_owned<Exceptions>(name, std::forward<F>(f), std::forward<A>(arguments)...);
  } else if constexpr (ComesLater<ResultOf<F, A...>>) {
    return run_until_result<Exceptions>(name, std::forward<F>(f), std::forward<A>(arguments)...);
  } else if constexpr (TakesNoSpan<F, A...> && IsFunction<F>) {
    // Said, since otherwise clang calls where it could jump.
    if (!any_tracer()) return std::invoke(std::forward<F>(f), std::forward<A>(arguments)...);
    ActiveSpan active = start_where_live(name);
    return run_in<Exceptions>(active, std::forward<F>(f), std::forward<A>(arguments)...);
  } else {
    ActiveSpan active = v1::start_active_span(name);
    return run_in<Exceptions>(active, std::forward<F>(f), std::forward<A>(arguments)...);
  }
}

// The same around a method, which is not traced twice if it traces itself by JTRACE_FUNCTION, where its name is `made`.
template <bool Exceptions, class F, class... A>
[[gnu::always_inline]] inline decltype(auto) run_method(std::string_view name, std::string_view made, F&& f, A&&... arguments) {
  if constexpr (OwnsSpan<F, A...> || ComesLater<ResultOf<F, A...>>) {
    return run<Exceptions>(name, std::forward<F>(f), std::forward<A>(arguments)...);
  } else {
    OfferedSpan offered(name, made);
    return run_in<Exceptions>(offered, std::forward<F>(f), std::forward<A>(arguments)...);
  }
}

}  // namespace detail
}  // namespace jtrace::inline v1
