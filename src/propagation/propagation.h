// Propagation: which headers carry a context over a process border, and how they are written and read.
//
// A list of formats: all of them are injected; of those that are found the first good one in the list's order is the context.
// What the others say of the same trace completes it: tracestate and randomness (W3C), debug (Jaeger, B3). Baggage is read in
// every format of the list; an item that two of them bring has the value of the first in the list, and the W3C's
// spelling of its key, since uber-context keys come in lower case.
//
// A plain value without heap: settings hold one, and there is a constant one for when tracing is off. Each format is a file of its
// own beside this one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "jtrace/propagation.h"
#include "propagation/header_name.h"

namespace jtrace::inline v1::detail {

class HeaderTable;

enum class Format : std::uint8_t { jaeger, w3c_context, w3c_baggage, b3_multi, b3_single };
inline constexpr std::size_t kFormats = 5;

// Of baggage, whoever sets it or sends it. All that the W3C wants to be carried (8,192 bytes) is within the defaults.
struct BaggageLimits {
  std::uint32_t max_items = 180;  // the W3C's grammar, and Go's client
  std::uint32_t max_key_bytes = 8192;
  std::uint32_t max_value_bytes = 8192;
};

struct Propagation {
  // Each at most once.
  std::array<Format, kFormats> list{Format::jaeger, Format::w3c_context, Format::w3c_baggage};
  std::size_t count = 3;

  HeaderName trace_id_header{"uber-trace-id"};
  HeaderName baggage_header_prefix{"uberctx-"};
  HeaderName debug_id_header{"jaeger-debug-id"};
  HeaderName baggage_header{"jaeger-baggage"};
  BaggageLimits limits{};

  constexpr std::span<const Format> formats() const noexcept { return {list.data(), count}; }
  constexpr bool has(Format wanted) const noexcept {
    return std::find(list.begin(), list.begin() + count, wanted) != list.begin() + count;
  }
};

// What could not be read or passed on, counted.
struct Losses {
  std::uint32_t decoding_errors = 0;  // headers of a context that are malformed
  std::uint32_t baggage_dropped = 0;  // items over a limit, or without memory

  bool any() const noexcept { return (decoding_errors | baggage_dropped) != 0; }
};

// Throw only what the carrier throws.
void inject(const Propagation& how, const SpanContext& context, HeaderSink sink, Losses& losses);
SpanContext extract(const HeaderTable& table, const void* carrier, void (*visit)(const void* carrier, HeaderVisitor),
                    Losses& losses);

}  // namespace jtrace::inline v1::detail
