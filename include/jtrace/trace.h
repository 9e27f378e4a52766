// JTRACE_FUNCTION: a function in a span of its own, by one line at the top of its body.
//
//   void Order::load(int id) { JTRACE_FUNCTION(); … }        // operation name "shop::Order::load"
//   void load(int id)        { JTRACE_FUNCTION("load"); … }  // or the name that is given
//
// The span is active until the end of the block, a child of whatever was active, by the tracer of the active span,
// else by the global one. The name is made by the compiler; when tracing is off the line costs one relaxed load.
#pragma once

#include <string_view>

#include "jtrace/detail/function_name.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1::detail {
constexpr std::string_view name_or(std::string_view made) noexcept { return made; }
constexpr std::string_view name_or(std::string_view, Text given) noexcept { return given; }
}  // namespace jtrace::inline v1::detail

#define JTRACE_DETAIL_JOIN2(a, b) a##b
#define JTRACE_DETAIL_JOIN(a, b) JTRACE_DETAIL_JOIN2(a, b)

#define JTRACE_FUNCTION(...) \
  JTRACE_DETAIL_FUNCTION(__LINE__, JTRACE_DETAIL_JOIN(jtrace_scope_, __LINE__), __VA_ARGS__)

#define JTRACE_DETAIL_FUNCTION(line, scope, ...)                                                              \
  [[maybe_unused]] static constexpr auto JTRACE_DETAIL_JOIN(jtrace_name_, line) =                             \
      ::jtrace::detail::function_name<::std::string_view(__PRETTY_FUNCTION__).size() + 1>(__PRETTY_FUNCTION__); \
  [[maybe_unused]] const auto scope = ::jtrace::start_active_span(                                            \
      ::jtrace::detail::name_or(JTRACE_DETAIL_JOIN(jtrace_name_, line).view() __VA_OPT__(, ) __VA_ARGS__))
