// carry(callable): the active context, taken along to where the callable runs.
//
//   pool.post(jtrace::carry([order] { JTRACE_FUNCTION("ship"); … }));   // "ship" is a child of what is active here
//
// What is taken is a copy of the context and the tracer, never the span: that may be finished by then, and active_span()
// is inert in there until something starts a span. Where nothing was active, nothing is in there. The result is
// copied, moved and called as the callable itself is, any number of times, on any thread. carry() does not block or lock.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "jtrace/scope.h"

namespace jtrace::inline v1 {

namespace detail {

inline TakenContext take_active() noexcept { return any_tracer() ? take_active_context() : TakenContext(); }
inline Scope activate_taken(const TakenContext& taken) noexcept {
  return Scope(any_tracer() ? activate(taken) : ScopeHandle());
}

// What can be called with something, as far as one can tell without knowing with what.
template <class F>
concept MayBeCalled = std::is_class_v<F> || std::is_member_pointer_v<F> || std::is_function_v<std::remove_pointer_t<F>>;

template <class F>
class [[nodiscard]] Carrying {
 public:
  explicit Carrying(F&& f) : f_(std::move(f)) {}
  explicit Carrying(const F& f) : f_(f) {}

  template <class... A>
    requires std::is_invocable_v<F&, A...>
  decltype(auto) operator()(A&&... arguments) & {
    const Scope scope = activate_taken(active_);
    return std::invoke(f_, std::forward<A>(arguments)...);
  }
  template <class... A>
    requires std::is_invocable_v<const F&, A...>
  decltype(auto) operator()(A&&... arguments) const& {
    const Scope scope = activate_taken(active_);
    return std::invoke(f_, std::forward<A>(arguments)...);
  }
  template <class... A>
    requires std::is_invocable_v<F, A...>
  decltype(auto) operator()(A&&... arguments) && {
    const Scope scope = activate_taken(active_);
    return std::invoke(std::move(f_), std::forward<A>(arguments)...);
  }

 private:
  TakenContext active_ = take_active();
  F f_;
};

}  // namespace detail

template <class F>
  requires detail::MayBeCalled<std::decay_t<F>>
[[nodiscard]] auto carry(F&& callable) {
  return detail::Carrying<std::decay_t<F>>(std::forward<F>(callable));
}

}  // namespace jtrace::inline v1
