// What traced<&f> is: a function object with the signature of f, less the span that f is handed.
#pragma once

#include <concepts>
#include <string_view>
#include <utility>

#include "jtrace/detail/entity_name.h"
#include "jtrace/detail/run_traced.h"

namespace jtrace::inline v1::detail {

template <auto F, FixedString Name>
constexpr std::string_view name_of() noexcept {
  if constexpr (!Name.view().empty()) {
    return Name.view();
  } else {
    return kNameOf<F>.view();
  }
}

template <class P>
concept IsSpan = std::same_as<std::remove_cvref_t<P>, Span> || std::same_as<std::remove_cvref_t<P>, SpanRef>;

template <class... P>
struct Parameters {};

// Without a span at their end.
template <class Kept, class... P>
struct LessSpan;
template <class... K>
struct LessSpan<Parameters<K...>> {
  using Type = Parameters<K...>;
};
template <class... K, IsSpan S>
struct LessSpan<Parameters<K...>, S> {
  using Type = Parameters<K...>;
};
template <class... K, class P, class... More>
  requires(!IsSpan<P> || sizeof...(More) != 0)
struct LessSpan<Parameters<K...>, P, More...> : LessSpan<Parameters<K..., P>, More...> {};

template <auto F, FixedString Name, bool Exceptions, bool NoThrow, class P>
struct TracedFunction;
template <auto F, FixedString Name, bool Exceptions, bool NoThrow, class... P>
struct TracedFunction<F, Name, Exceptions, NoThrow, Parameters<P...>> {
  static auto call(P... arguments) noexcept(NoThrow) -> decltype(auto) {
    return run<Exceptions>(name_of<F, Name>(), F, std::forward<P>(arguments)...);
  }
  decltype(auto) operator()(P... arguments) const noexcept(NoThrow) { return call(std::forward<P>(arguments)...); }
  constexpr operator auto() const noexcept { return &call; }
};

// Methods, and constants that can be called.
template <auto F, FixedString Name, bool Exceptions>
struct TracedCallable {
  template <class... A>
    requires Traceable<decltype(F), A...>
  decltype(auto) operator()(A&&... arguments) const {
    return run<Exceptions>(name_of<F, Name>(), F, std::forward<A>(arguments)...);
  }
};

template <auto F, FixedString Name, bool Exceptions, class T>
struct TracedKind {
  using Type = TracedCallable<F, Name, Exceptions>;
};
template <auto F, FixedString Name, bool Exceptions, class R, class... P, bool NoThrow>
struct TracedKind<F, Name, Exceptions, R (*)(P...) noexcept(NoThrow)> {
  using Type = TracedFunction<F, Name, Exceptions, NoThrow, typename LessSpan<Parameters<>, P...>::Type>;
};

template <auto F, FixedString Name, bool Exceptions>
using TracedOf = typename TracedKind<F, Name, Exceptions, decltype(F)>::Type;

}  // namespace jtrace::inline v1::detail
