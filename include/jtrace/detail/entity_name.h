// The qualified names of functions and types, "shop::Order::load" and "shop::Order", at compile time.
#pragma once

#include <cstddef>
#include <string_view>

#include "jtrace/detail/function_name.h"

namespace jtrace::inline v1::detail {

// A text as a template argument: traced<&f, "name">.
template <std::size_t N>
struct FixedString {
  char text[N]{};

  consteval FixedString(const char (&from)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = from[i];
  }
  constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

// What stands behind "F = " in a pretty name. g++ writes "with auto F = shop::load", for a method "& shop::Order::load".
constexpr std::string_view argument_of(std::string_view pretty) {
  const std::size_t from = pretty.find("F = ") + 4;
  return pretty.substr(from, pretty.rfind(']') - from);
}
// `auto`, since g++ explains there what any alias stands for.
template <auto F>
constexpr auto pretty_function() noexcept {
  return argument_of(__PRETTY_FUNCTION__);
}
template <class F>
constexpr auto pretty_type() noexcept {
  return argument_of(__PRETTY_FUNCTION__);
}

template <auto F>
inline constexpr auto kNameOf = function_name<pretty_function<F>().size() + 1>(pretty_function<F>());
template <class T>
inline constexpr auto kTypeName = function_name<pretty_type<T>().size() + 1>(pretty_type<T>());

template <class T, FixedString Method>
constexpr auto method_name() {
  FunctionName<kTypeName<T>.view().size() + sizeof(Method.text) + 2> name;
  name.put(kTypeName<T>.view());
  name.put("::");
  name.put(Method.view());
  return name;
}
template <class T, FixedString Method>
inline constexpr auto kMethodName = method_name<T, Method>();

}  // namespace jtrace::inline v1::detail
