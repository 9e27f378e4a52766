// FoundContext: the ids and flags that one header says, or all headers of one format. Without ids where there are none, or only a
// decision (SpanContext::kDecided).
#pragma once

#include <cstdint>

#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {

struct FoundContext {
  TraceId trace_id{};
  SpanId span_id{};
  std::uint32_t flags = 0;  // as SpanContext::all_flags()

  bool is_valid() const noexcept { return trace_id.is_valid() && span_id.is_valid(); }
  bool has(std::uint32_t all_of) const noexcept { return (flags & all_of) == all_of; }
  SpanContext with(const Baggage* adopted) const noexcept {
    return SpanContext(trace_id, span_id, is_valid() ? flags | SpanContext::kRemote : flags, adopted);
  }

  friend bool operator==(const FoundContext& a, const FoundContext& b) noexcept {
    return a.trace_id == b.trace_id && a.span_id == b.span_id;
  }
};

}  // namespace jtrace::inline v1::detail
