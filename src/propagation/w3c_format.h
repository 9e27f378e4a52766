// W3C Trace Context, level 2.
//
//   traceparent: 00-{trace, 32}-{span, 16}-{flags, 2}     lower-case hex; flags: 1 sampled, 2 random trace id
//   tracestate:  {key}={value},{key}={value}…             at most 32 members, of all these headers together
//
// Read: version ff, upper case, zero ids, another length than 55 in version 00, or several traceparents are no context. A higher
// version is read as version 00 if nothing or a dash follows the 55 characters. The flags that level 2 does not define
// are ignored. A tracestate that breaks a rule is dropped as a whole, and so is one without a good traceparent. Written:
// version 00, the tracestate as it came. Only the flag "sampled" is the same as in Jaeger's: the W3C's 2 is no debug.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jtrace/span_context.h"
#include "propagation/found_context.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kW3cParent = "traceparent", kW3cState = "tracestate";

// Without tracestate.
std::optional<SpanContext> parse_traceparent(std::string_view value) noexcept;
// The members of one or several headers, joined by commas: without empty ones and blanks around them; none if a rule is broken.
// Throws std::bad_alloc.
std::optional<std::string> parse_tracestate(std::string_view value);

void inject_w3c(const SpanContext& context, HeaderSink sink);

// The one traceparent of a request: two are none.
class W3cParent {
 public:
  void see(std::string_view value, Losses& losses) noexcept;
  const FoundContext& context() const noexcept { return context_; }

 private:
  FoundContext context_;
  bool is_there_ = false;
};

// The tracestates of a request, of which there may be several.
class W3cState {
 public:
  // Throws std::bad_alloc.
  void see(std::string_view value);
  // The members of all of them; empty where a rule is broken. Throws std::bad_alloc.
  std::string take(Losses& losses) const;

 private:
  std::string states_;  // joined
  bool are_too_long_ = false;
};

}  // namespace jtrace::inline v1::detail
