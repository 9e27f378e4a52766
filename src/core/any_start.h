// Starting a span in all generality: any options, any parent, any sampler, ids that are given. The usual start (start.cpp) does the
// same for what is usual, and comes here with the rest.
#pragma once

#include <string_view>

#include "core/core.h"
#include "core/random.h"
#include "jtrace/parent.h"

namespace jtrace::inline v1::detail {

// Null: it was refused, and counted where it can be.
SpanHead* start(Core& core, std::string_view name, const StartOptions* options) noexcept;
// Behind a handle that was not decided here: the global tracer's, of this copy or another one.
[[gnu::cold]] SpanHead* start_globally(std::string_view name, const StartOptions* options) noexcept;
// By `core`, or globally where it is null.
SpanHead* start_slowly(Core* core, std::string_view name) noexcept;

[[gnu::always_inline]] inline TraceId draw_trace_id(Core& core, Random& random) noexcept {
  const std::uint64_t high = core.makes_128bit_ids() ? random.beside_next() : 0;
  return {high, random.next()};
}

}  // namespace jtrace::inline v1::detail
