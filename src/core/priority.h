// sampling.priority: a tag by which a span asks, in the midst of things, to be kept or to be left out.
#pragma once

#include "core/slot.h"
#include "jtrace/value.h"

namespace jtrace::inline v1::detail {

// What the tag asks for.
enum class Wish : std::uint8_t { none, keep, leave };
Wish wish_of(const Value& value) noexcept;

// Heeds a span's tag, and writes it down where the span is recording then. On a thread that may trace.
void heed_priority(Slot& slot, const Value& value) noexcept;

}  // namespace jtrace::inline v1::detail
