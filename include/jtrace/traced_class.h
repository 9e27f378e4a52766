// Traced classes: methods in spans of their own, with nothing edited in the class.
//
//   JTRACE_TRACED_CLASS(TracedOrder, shop::Order, load, save);   // a subclass, used as the class itself is
//   TracedOrder order(17);
//   order.load();                                                // in a span "shop::Order::load"
//
//   jtrace::Traced<shop::Order, jtrace::methods<&shop::Order::load>> order(17);   // for final classes, too
//   order.call<&shop::Order::load>();                            // traced
//   order.call<&shop::Order::total>();                           // called as it is
//
// A method that has a JTRACE_FUNCTION of its own is traced by it, on the list or not, and never twice. Two kinds would have two
// spans, and are to be left off the list: methods that return a future or a coroutine, whose result comes later than their own
// line's end; and, of JTRACE_TRACED_CLASS, inherited ones that are overloaded, since nothing tells which class they are of.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "jtrace/detail/entity_name.h"
#include "jtrace/detail/for_each.h"
#include "jtrace/detail/run_traced.h"

namespace jtrace::inline v1 {

namespace detail {
template <auto A, auto B>
inline constexpr bool kSame = std::same_as<std::integral_constant<decltype(A), A>, std::integral_constant<decltype(B), B>>;
}  // namespace detail

// Which methods a Traced traces: these, or all but these.
template <auto... Methods>
struct methods {
  template <auto M>
  static constexpr bool is_traced = (detail::kSame<M, Methods> || ...);
};
template <auto... Methods>
struct ignore {
  template <auto M>
  static constexpr bool is_traced = !(detail::kSame<M, Methods> || ...);
};

// An object whose methods are called by their pointers.
template <class T, class Which = ignore<>, bool Exceptions = JTRACE_DETAIL_EXCEPTIONS>
class Traced {
 public:
  template <class... A>
    requires std::constructible_from<T, A...>
  explicit(sizeof...(A) == 1) Traced(A&&... arguments) : object_(std::forward<A>(arguments)...) {}

  template <auto M, class... A>
    requires Traceable<decltype(M), T&, A...>
  decltype(auto) call(A&&... arguments) {
    return call_on<M>(object_, std::forward<A>(arguments)...);
  }
  template <auto M, class... A>
    requires Traceable<decltype(M), const T&, A...>
  decltype(auto) call(A&&... arguments) const {
    return call_on<M>(object_, std::forward<A>(arguments)...);
  }

  T& object() noexcept { return object_; }
  const T& object() const noexcept { return object_; }

 private:
  template <auto M, class O, class... A>
  static decltype(auto) call_on(O& object, A&&... arguments) {
    if constexpr (Which::template is_traced<M>) {
      return detail::run_method<Exceptions>(detail::kNameOf<M>.view(), detail::kNameOf<M>.view(), M, object, std::forward<A>(arguments)...);
    } else {
      return std::invoke(M, object, std::forward<A>(arguments)...);
    }
  }

  T object_;
};

}  // namespace jtrace::inline v1

// A subclass `New` of `Base` whose listed public methods are traced as "Base::method": const, static and overloaded ones, and
// templates of which the arguments are deduced. A call through a Base& is the Base's own, of a virtual method too.
#define JTRACE_TRACED_CLASS(New, Base, ...)                                                                           \
  struct New : Base {                                                                                                 \
    using jtrace_base = Base;                                                                                         \
    using jtrace_base::jtrace_base;                                                                                   \
    JTRACE_DETAIL_FOR_EACH(JTRACE_DETAIL_TRACED_METHOD, __VA_ARGS__)                                                  \
  }

#define JTRACE_DETAIL_TRACED_METHOD(method)                                                                           \
  struct jtrace_has_##method : jtrace_base {                                                                          \
    using jtrace_base::method;                                                                                        \
  };                                                                                                                  \
  template <class jtrace_b>                                                                                           \
  static constexpr auto jtrace_made_##method() {                                                                      \
    if constexpr (requires { ::jtrace::detail::kNameOf<&jtrace_b::method>; }) {                                       \
      return ::jtrace::detail::kNameOf<&jtrace_b::method>.view();                                                     \
    } else {                                                                                                          \
      return ::jtrace::detail::kMethodName<jtrace_b, #method>.view();                                                 \
    }                                                                                                                 \
  }                                                                                                                   \
  template <class jtrace_b, class... jtrace_p>                                                                        \
  static constexpr bool jtrace_static_##method =                                                                      \
      JTRACE_DETAIL_CALLABLE(jtrace_b::method, ::std::declval<jtrace_p>()...);                                        \
  template <class jtrace_b, class... jtrace_p>                                                                        \
  static constexpr bool jtrace_plain_##method =                                                                       \
      !jtrace_static_##method<::std::remove_cvref_t<jtrace_b>, jtrace_p...> &&                                        \
      JTRACE_DETAIL_CALLABLE(::std::declval<jtrace_b>().method, ::std::declval<jtrace_p>()...);                       \
  JTRACE_DETAIL_TRACED_OVERLOAD(method, &, jtrace_base&)                                                              \
  JTRACE_DETAIL_TRACED_OVERLOAD(method, const&, const jtrace_base&)                                                   \
  JTRACE_DETAIL_TRACED_OVERLOAD(method, &&, jtrace_base&&)                                                            \
  template <class jtrace_b = jtrace_base, class... jtrace_p>                                                          \
    requires jtrace_static_##method<jtrace_b, jtrace_p...>                                                            \
  static decltype(auto) method(jtrace_p&&... jtrace_a) {                                                              \
    return JTRACE_DETAIL_RUN_METHOD(method, jtrace_b::method);                                                        \
  }

#define JTRACE_DETAIL_TRACED_OVERLOAD(method, qualifiers, Self)                                                       \
  template <class... jtrace_p>                                                                                        \
    requires jtrace_plain_##method<Self, jtrace_p...>                                                                 \
  decltype(auto) method(jtrace_p&&... jtrace_a) qualifiers {                                                          \
    return JTRACE_DETAIL_RUN_METHOD(method, static_cast<Self>(*this).method);                                         \
  }

// With the arguments `jtrace_a`, and a span where it takes one.
#define JTRACE_DETAIL_RUN_METHOD(method, ...)                                                                         \
  ::jtrace::detail::run_method<JTRACE_DETAIL_EXCEPTIONS>(                                                             \
      ::jtrace::detail::kMethodName<jtrace_base, #method>.view(), jtrace_made_##method<jtrace_base>(),                \
      [&](auto&&... jtrace_s)                                                                                         \
          -> decltype(__VA_ARGS__(::std::forward<jtrace_p>(jtrace_a)..., ::std::forward<decltype(jtrace_s)>(jtrace_s)...)) {\
        return __VA_ARGS__(::std::forward<jtrace_p>(jtrace_a)..., ::std::forward<decltype(jtrace_s)>(jtrace_s)...);   \
      })

#define JTRACE_DETAIL_CALLABLE(function, ...)                                                                         \
  (requires { function(__VA_ARGS__); } || requires { function(__VA_ARGS__, ::std::declval<::jtrace::Span&>()); } ||   \
   requires { function(__VA_ARGS__, ::std::declval<::jtrace::Span>()); })
