#include "samplers/parse_strategy.h"

namespace jtrace::inline v1::detail {

std::optional<Strategy> parse_strategy(std::string_view, std::size_t) { return std::nullopt; }
bool can_parse_strategies() noexcept { return false; }

}  // namespace jtrace::inline v1::detail
