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
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

// Without tracestate.
std::optional<SpanContext> parse_traceparent(std::string_view value) noexcept;
// The members of one or several headers, joined by commas: without empty ones and blanks around them; none if a rule is broken.
// Throws std::bad_alloc.
std::optional<std::string> parse_tracestate(std::string_view value);

void inject_w3c(const SpanContext& context, HeaderSink sink);

class W3cReader {
 public:
  // False if the header is not of this format. Throws std::bad_alloc.
  bool see(std::string_view name, std::string_view value, Losses& losses);

  const SpanContext& context() const noexcept { return context_; }
  // Of a good traceparent, else empty. Once, after all headers. Throws std::bad_alloc.
  std::string take_trace_state(Losses& losses);

 private:
  void see_parent(std::string_view value, Losses& losses) noexcept;
  void see_state(std::string_view value);

  SpanContext context_;
  std::string states_;  // all headers, joined
  bool has_parent_ = false;
  bool states_too_long_ = false;
};

}  // namespace jtrace::inline v1::detail
