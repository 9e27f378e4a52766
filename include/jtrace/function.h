// JTRACE_FUNCTION: a function in a span of its own, by one line at the top of its body.
//
//   void Order::load(int id) { JTRACE_FUNCTION(); … }                  // operation name "shop::Order::load"
//   void load(int id)        { JTRACE_FUNCTION("load"); … }            // or the name that is given
//   void load(int id)        { JTRACE_FUNCTION_AS(span); span->log("found"); … }  // an ActiveSpan named `span`; a name may follow
//   void load(int id)        { JTRACE_FUNCTION_ARGS(id); … }           // arguments as tags, made if the span is recording
//
// The span is active until the end of the block, a child of whatever was active, by the tracer of the active span,
// else by the global one. It is always there: inert when tracing is off, and then the line costs one relaxed load. The
// name is made by the compiler. JTRACE_IGNORE keeps a function out of automatic tracing, which docs/automatic-tracing.md
// tells of: JTRACE_IGNORE void f(). Functions are traced from outside, with nothing edited, by jtrace/trace.h.
#pragma once

#include <string_view>

#include "jtrace/detail/for_each.h"
#include "jtrace/detail/function_name.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1::detail {
constexpr std::string_view name_or(std::string_view made) noexcept { return made; }
constexpr std::string_view name_or(std::string_view, Text given) noexcept { return given; }

inline ActiveSpan start_function(std::string_view made, std::string_view name) noexcept {
  return ActiveSpan(any_tracer() ? start_function_near(made, name) : ActiveStart());
}
}  // namespace jtrace::inline v1::detail

#define JTRACE_DETAIL_JOIN2(a, b) a##b
#define JTRACE_DETAIL_JOIN(a, b) JTRACE_DETAIL_JOIN2(a, b)

#define JTRACE_IGNORE [[gnu::no_instrument_function]]

#define JTRACE_FUNCTION(...) \
  JTRACE_DETAIL_FUNCTION(__LINE__, const auto JTRACE_DETAIL_JOIN(jtrace_scope_, __LINE__), __VA_ARGS__)

#define JTRACE_FUNCTION_AS(span, ...) JTRACE_DETAIL_FUNCTION(__LINE__, auto span, __VA_ARGS__)

// The key is the argument as it is written: "id", "order.id".
#define JTRACE_FUNCTION_ARGS(...)                                                        \
  JTRACE_DETAIL_FUNCTION(__LINE__, auto JTRACE_DETAIL_JOIN(jtrace_scope_, __LINE__), );  \
  if (::jtrace::Span& jtrace_span = *JTRACE_DETAIL_JOIN(jtrace_scope_, __LINE__); jtrace_span.is_recording()) { \
    JTRACE_DETAIL_FOR_EACH(JTRACE_DETAIL_ARGUMENT, __VA_ARGS__)                          \
  }                                                                                      \
  static_assert(true)

#define JTRACE_DETAIL_ARGUMENT(argument) jtrace_span.set_tag(#argument, argument);

#define JTRACE_DETAIL_FUNCTION(line, scope, ...)                                                              \
  [[maybe_unused]] static constexpr auto JTRACE_DETAIL_JOIN(jtrace_name_, line) =                             \
      ::jtrace::detail::function_name<::std::string_view(__PRETTY_FUNCTION__).size() + 1>(__PRETTY_FUNCTION__); \
  [[maybe_unused]] scope = ::jtrace::detail::start_function(                                                  \
      JTRACE_DETAIL_JOIN(jtrace_name_, line).view(), ::jtrace::detail::name_or(JTRACE_DETAIL_JOIN(jtrace_name_, line).view() __VA_OPT__(, ) __VA_ARGS__))
