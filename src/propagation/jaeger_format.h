// Jaeger's own headers.
//
//   uber-trace-id: {trace}:{span}:{parent}:{flags}     hex; trace 16 or 32 digits, span 16, parent 0, flags 1
//   uberctx-{key}: {value}                             baggage, percent-encoded
//
// Written as every client reads them: padded ids, one digit of flags, %20 and %2B in baggage. Read generously: 1 to 32
// and 1 to 16 digits in any case, the whole value percent-encoded or not, '+' as a blank in baggage. A zero id, a wrong number
// of parts, anything but hex: no context. Source: Jaeger's documentation of its client libraries, and those clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kTraceHeader = "uber-trace-id";
inline constexpr std::string_view kBaggagePrefix = "uberctx-";

std::string format_trace_header(const SpanContext& context);
// Without baggage.
std::optional<SpanContext> parse_trace_header(std::string_view value) noexcept;

std::string encode_baggage(std::string_view text);
std::string encode_key(std::string_view key);
std::string decode_baggage(std::string_view text);

bool same_header(std::string_view a, std::string_view lower_case) noexcept;

}  // namespace jtrace::inline v1::detail
