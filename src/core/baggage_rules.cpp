#include "core/baggage_rules.h"

#include <algorithm>

namespace jtrace::inline v1::detail {
namespace {

bool has_room(const BaggageLimits& limits, const Baggage* there, std::string_view key) noexcept {
  if (!there || there->size() < limits.max_items) return limits.max_items != 0;
  bool is_there = false;
  there->visit([&](std::string_view item, std::string_view) { is_there = is_there || item == key; });
  return is_there;
}

}  // namespace

BaggageVerdict judge_baggage(const Settings& settings, const Baggage* there, std::string_view key) noexcept {
  const BaggageLimits& limits = settings.propagation.limits;
  std::size_t most = limits.max_value_bytes;
  if (!settings.baggage_allowed.empty()) {
    const auto& rules = settings.baggage_allowed;
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const BaggageRule& r) { return r.key == key; });
    if (rule == rules.end()) return {false, 0};
    most = std::min<std::size_t>(most, rule->max_value_bytes);
  }
  return {key.size() <= limits.max_key_bytes && has_room(limits, there, key), most};
}

}  // namespace jtrace::inline v1::detail
