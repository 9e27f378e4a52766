// B3, as Zipkin has it, in several headers or in one.
//
//   x-b3-traceid: {16 or 32}   x-b3-spanid: {16}   x-b3-sampled: 1 or 0   x-b3-flags: 1 (debug, then without sampled)
//   b3: {trace}-{span}[-{sampling}[-{parent}]]          sampling: 0, 1 or d (debug); alone: no ids, but a decision
//   baggage-{key}: {value}                              as Jaeger's clients for Go and Java do it; neither names nor needs B3
//
// Both forms are read, whichever is written; the single one wins. Read: hex in any case, of these lengths only; `true` and
// `false` for 1 and 0; debug means sampled; no state leaves the decision to the reader, so its sampler is asked. Parents are looked at
// in the single form only, and never sent. The baggage's values are as they are but for what a header cannot carry.
#pragma once

#include <optional>
#include <string_view>

#include "jtrace/span_context.h"
#include "propagation/found_baggage.h"
#include "propagation/found_context.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kB3Single = "b3", kB3TraceId = "x-b3-traceid", kB3SpanId = "x-b3-spanid",
                                  kB3Sampled = "x-b3-sampled", kB3Flags = "x-b3-flags", kB3BaggagePrefix = "baggage-";

// A context without ids where there is only a decision.
std::optional<SpanContext> parse_b3(std::string_view value) noexcept;

void inject_b3_multi(const SpanContext& context, HeaderSink sink);
void inject_b3_single(const SpanContext& context, HeaderSink sink);
// For lists that have no other baggage.
void inject_b3_baggage(const SpanContext& context, HeaderSink sink);

// What it makes of the headers, one by one.
class B3Reader {
 public:
  void see_single(std::string_view value, Losses& losses) noexcept;
  void see_trace_id(std::string_view value, Losses& losses) noexcept;
  void see_span_id(std::string_view value, Losses& losses) noexcept;
  void see_sampled(std::string_view value, Losses& losses) noexcept;
  void see_flags(std::string_view value, Losses& losses) noexcept;
  // Was one of them there?
  bool has_any() const noexcept { return has_any_; }
  // After all headers. Without ids where there is only a decision, or nothing.
  FoundContext finish(Losses& losses) noexcept;

 private:
  void take(bool is_right, Losses& losses) noexcept;

  FoundContext single_;
  FoundContext multi_{.flags = SpanContext::kUndecided};
  bool has_any_ = false, is_broken_ = false;
};
// Throws std::bad_alloc.
void read_b3_baggage(std::string_view key, std::string_view value, FoundBaggage& baggage, Losses& losses);

}  // namespace jtrace::inline v1::detail
