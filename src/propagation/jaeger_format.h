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
#include "propagation/found_baggage.h"
#include "propagation/found_context.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

std::string format_trace_header(const SpanContext& context);
// Without baggage.
std::optional<SpanContext> parse_trace_header(std::string_view value) noexcept;

std::string encode_baggage(std::string_view text);
std::string decode_baggage(std::string_view text);

void inject_jaeger(const Propagation& how, const SpanContext& context, HeaderSink sink);

// False, and the context as it was, if the header's value is malformed.
bool read_trace_header(std::string_view value, FoundContext& context) noexcept;
// Throws std::bad_alloc.
void read_jaeger_baggage(const Propagation& how, std::string_view key, std::string_view value, FoundBaggage& baggage,
                         Losses& losses);

}  // namespace jtrace::inline v1::detail
