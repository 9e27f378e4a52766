// Results that come later than the function's return: futures and coroutines, whose span waits for them.
#pragma once

#include <coroutine>
#include <utility>

#include "jtrace/coroutine.h"
#include "jtrace/detail/marking.h"
#include "jtrace/future.h"

namespace jtrace::inline v1::detail {

// A coroutine type whose result can be awaited: a coroutine of the same type can stand in for it.
template <class R>
concept CoroutineLike = Awaitable<R> && requires { typename std::coroutine_traits<R, R, Span>::promise_type; };

template <class R>
concept ComesLater = CoroutineLike<R> || FutureLike<R>;

// The same coroutine, and the end of its span behind it. The span is a local variable, which ends before the result is
// handed on; a parameter would last until the frame goes.
template <bool Exceptions, CoroutineLike R>
struct Ending {
  static R with(R result, Span given) {
    Span span = std::move(given);
    co_return co_await StartedIn<R>(span, std::move(result));
  }
};

#if defined(__cpp_exceptions)
template <CoroutineLike R>
struct Ending<true, R> {
  static R with(R result, Span given) {
    Span span = std::move(given);
    try {
      co_return co_await StartedIn<R>(span, std::move(result));
    } catch (...) {
      span.set_error(std::current_exception());
      span.finish();
      throw;
    }
  }
};
#endif

template <bool Exceptions, CoroutineLike R>
R finish_with(R result, Span span) {
  if (!any_tracer()) return result;  // no coroutine more where tracing is off
  return Ending<Exceptions, R>::with(std::move(result), std::move(span));
}

template <bool Exceptions, FutureLike R>
  requires(!CoroutineLike<R>)
TracedFuture<R, Exceptions> finish_with(R result, Span span) {
  return {std::move(result), std::move(span)};
}

}  // namespace jtrace::inline v1::detail
