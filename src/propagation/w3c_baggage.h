// W3C Baggage.
//
//   baggage: {key}={value};{property};…, {key}={value}…     keys: tokens; values: percent-encoded UTF-8
//
// Read: blanks around keys, values and properties are left out; a member that breaks a rule is left out and counted, the others stay; what is
// no UTF-8 becomes U+FFFD; properties are kept and passed on, as long as nobody sets the item anew. Written: at most
// 180 members and 8,192 bytes, whole members only; an item whose key is no token has no place here and is counted as dropped.
#pragma once

#include <string_view>

#include "jtrace/span_context.h"
#include "propagation/found_baggage.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kW3cBaggage = "baggage";

// Throws std::bad_alloc.
void parse_w3c_baggage(std::string_view value, FoundBaggage& baggage, Losses& losses);

void inject_w3c_baggage(const SpanContext& context, HeaderSink sink, Losses& losses);

}  // namespace jtrace::inline v1::detail
