// What baggage may be set: limits on number and sizes, and the keys that an operator allows.
#pragma once

#include <cstddef>
#include <string_view>

#include "config/settings.h"
#include "core/baggage.h"

namespace jtrace::inline v1::detail {

struct BaggageVerdict {
  bool is_allowed;
  std::size_t max_value_bytes;
};

// For an item beside those that are there already, or in the place of one of them.
BaggageVerdict judge_baggage(const Settings& settings, const Baggage* there, std::string_view key) noexcept;

}  // namespace jtrace::inline v1::detail
