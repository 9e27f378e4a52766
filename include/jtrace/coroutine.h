// scope.carry(awaitable): the active span over a coroutine's suspension.
//
//   Task<Page> get(Url url) {
//     JTRACE_FUNCTION_AS(scope);
//     co_await scope.carry(connect(url));   // suspends here, may go on in another thread
//     auto sent = jtrace::start_active_span("send");   // a child of "get", wherever that is
//   }
//
// While the coroutine is suspended, its scope and those that it has opened since are active nowhere, and the thread that
// goes on has its own active span back. When it is resumed they are active again, on top of what the resumer has. What the
// awaitable starts before it suspends, such as a lazy coroutine, starts below the active span. Await the result in the
// same expression, as in the example; on a scope that is closed carry() changes nothing. No call locks; one per awaited
// coroutine allocates.
#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

#include "jtrace/carry.h"
#include "jtrace/detail/stand_in.h"
#include "jtrace/scope.h"

namespace jtrace::inline v1 {

namespace detail {

template <class A>
decltype(auto) awaiter_of(A&& awaitable) {
  if constexpr (requires { std::forward<A>(awaitable).operator co_await(); }) {
    return std::forward<A>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<A>(awaitable)); }) {
    return operator co_await(std::forward<A>(awaitable));
  } else {
    return std::forward<A>(awaitable);
  }
}
template <class A>
using AwaiterOf = decltype(awaiter_of(std::declval<A>()));

}  // namespace detail

template <class A>
concept Awaitable = requires(std::remove_reference_t<detail::AwaiterOf<A>>& awaiter) {
  { awaiter.await_ready() } -> std::convertible_to<bool>;
  awaiter.await_resume();
};

namespace detail {

// Hands on to the coroutine that it awaits, and does not mind by whom it is resumed itself.
template <class W>
concept StartsAnother = requires(W& awaiter, std::coroutine_handle<> awaiting) {
  { awaiter.await_suspend(awaiting) } -> std::convertible_to<std::coroutine_handle<>>;
} && !requires(W& awaiter, std::coroutine_handle<> awaiting) {
  { awaiter.await_suspend(awaiting) } -> std::same_as<bool>;
};

// Suspends while `active` is active on this thread. When it returns, the coroutine may run elsewhere, or be gone.
template <class W, class P>
[[gnu::noinline]] auto suspend_in(const TakenContext& active, W& awaiter, StandIn& stand_in, std::coroutine_handle<P> self)
    -> decltype(awaiter.await_suspend(self)) {
  if constexpr (StartsAnother<W>) {
    if (const std::coroutine_handle<> instead = stand_in.stand_for(self)) {
      {
        const Scope scope = activate_taken(active);
        std::coroutine_handle<>(awaiter.await_suspend(instead)).resume();
      }
      return stand_in.wait();
    }
  }
  const Scope scope = activate_taken(active);
  return awaiter.await_suspend(self);
}

// An awaitable, kept for the length of its co_await.
template <class A>
class Awaiting {
 public:
  explicit Awaiting(A&& awaitable) : awaitable_(std::forward<A>(awaitable)), awaiter_(awaiter_of(std::forward<A>(awaitable_))) {}
  Awaiting(const Awaiting&) = delete;

  bool await_ready() { return awaiter_.await_ready(); }

 protected:
  A awaitable_;
  AwaiterOf<A> awaiter_;
  StandIn stand_in_;
};

template <class A>
class [[nodiscard]] Carried : public Awaiting<A> {
 public:
  Carried(A&& awaitable, const ScopeHandle& outermost) : Awaiting<A>(std::forward<A>(awaitable)), outermost_(outermost) {}
  ~Carried() {
    if (newest_.frame) abandon_scopes(outermost_, newest_);  // destroyed while it was suspended
  }

  template <class P>
  [[gnu::noinline]] auto await_suspend(std::coroutine_handle<P> self) -> decltype(this->awaiter_.await_suspend(self)) {
    if (!outermost_.frame) return this->awaiter_.await_suspend(self);
    const TakenContext active = take_active();
    newest_ = leave_scopes(outermost_);
    ComeBack unless_suspended{this};
    if constexpr (std::is_void_v<decltype(this->awaiter_.await_suspend(self))>) {
      suspend_in(active, this->awaiter_, this->stand_in_, self);
      unless_suspended.carried = nullptr;
    } else {
      auto next = suspend_in(active, this->awaiter_, this->stand_in_, self);
      unless_suspended.carried = nullptr;
      return next;
    }
  }
  decltype(auto) await_resume() {
    come_back();
    return this->awaiter_.await_resume();
  }

 private:
  // Where await_suspend throws, the coroutine goes on at once.
  struct ComeBack {
    Carried* carried;
    ~ComeBack() {
      if (carried) carried->come_back();
    }
  };
  void come_back() noexcept {
    if (newest_.frame) enter_scopes(outermost_, std::exchange(newest_, {}));
  }

  ScopeHandle outermost_, newest_;
};

// A coroutine that is started below a span, by whoever awaits it.
template <class A>
class [[nodiscard]] StartedIn : public Awaiting<A> {
 public:
  StartedIn(const Span& span, A&& awaitable) : Awaiting<A>(std::forward<A>(awaitable)), active_(take(span)) {}

  template <class P>
  [[gnu::noinline]] auto await_suspend(std::coroutine_handle<P> self) -> decltype(this->awaiter_.await_suspend(self)) {
    return suspend_in(active_, this->awaiter_, this->stand_in_, self);
  }
  decltype(auto) await_resume() { return this->awaiter_.await_resume(); }

 private:
  static TakenContext take(const Span& span) noexcept {
    const Scope scope = v1::activate(span);
    return take_active();
  }

  TakenContext active_;
};

}  // namespace detail

template <class A>
auto Scope::carry(A&& awaitable) & {
  static_assert(Awaitable<A>, "carry() takes what can be awaited");
  return detail::Carried<A>(std::forward<A>(awaitable), handle_);
}
template <class A>
auto ActiveSpan::carry(A&& awaitable) & {
  return scope_.carry(std::forward<A>(awaitable));
}

}  // namespace jtrace::inline v1
