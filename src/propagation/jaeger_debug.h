// Jaeger's headers for those who debug by hand, with curl for instance.
//
//   jaeger-debug-id: {any text}           without a trace: begin one that is kept, and let its root have the text as a tag
//   jaeger-baggage: {key}={value}, …      baggage, with a trace or without; the whole is percent-encoded
//
// Who sends them has no span, so extract gives a context that is not valid and yet has something to hand on: baggage, and with a debug id
// the flags sampled and debug. The id travels as an item of that baggage, which ends where the trace begins.
// Source: the official clients; an item without '=', or with two, is skipped.
#pragma once

#include <string>
#include <string_view>

#include "core/baggage.h"
#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {

// The tag, and the item, whatever the header is called.
inline constexpr std::string_view kDebugIdHeader = "jaeger-debug-id";

// Calls see(key, value) for each item of the decoded text.
template <class F>
void visit_debug_baggage(std::string_view text, F&& see) {
  const auto trimmed = [](std::string_view part) {
    const std::size_t from = part.find_first_not_of(" \t");
    return from == std::string_view::npos ? part.substr(0, 0) : part.substr(from, part.find_last_not_of(" \t") - from + 1);
  };
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || item.find('=', equals + 1) != std::string_view::npos) continue;
    const std::string_view key = trimmed(item.substr(0, equals));
    if (!key.empty()) see(key, trimmed(item.substr(equals + 1)));
  }
}

// Does it ask for a trace that is kept?
inline bool has_debug_id(const SpanContext& context) noexcept {
  return !context.is_valid() && context.is_debug() && (context.all_flags() & SpanContext::kDecided) == 0;
}
std::string_view debug_id_of(const SpanContext& context) noexcept;
// The rest of its baggage, owned by the caller; null: there is none, or no memory.
const Baggage* without_debug_id(const Baggage* baggage) noexcept;

}  // namespace jtrace::inline v1::detail
