// Jaeger's binary carrier: all integers big-endian, as the clients for Go, Java and Python write them (the one for C++
// writes little-endian on most machines, so that the two never understood each other).
//
//   u64 trace, high   u64 trace, low   u64 span   u64 parent (0)   u8 flags
//   i32 items, then for each: i32 length, key, i32 length, value
//
// Refused: a zero id, too few bytes, bytes behind the end, and what Go's client refuses: more than 180 items, or more than 4,096 bytes
// of one. Those are not written either.
#pragma once

#include <string>
#include <string_view>

#include "jtrace/span_context.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

// Empty for an invalid context. Throws std::bad_alloc.
std::string write_binary(const SpanContext& context, Losses& losses);
// Invalid where it is refused, or empty. Throws std::bad_alloc.
SpanContext read_binary(const Propagation& how, std::string_view bytes, Losses& losses);

}  // namespace jtrace::inline v1::detail
