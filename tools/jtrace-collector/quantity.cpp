#include "quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace jtrace::collector {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 9> kSizeUnits = {{{"", 1},
                                             {"B", 1},
                                             {"kB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9},
                                             {"KiB", 1024.0},
                                             {"MiB", 1024.0 * 1024},
                                             {"GiB", 1024.0 * 1024 * 1024},
                                             {"KB", 1e3}}};
constexpr std::array<Unit, 4> kPeriodUnits = {{{"", 1}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}}};
constexpr std::array<Unit, 1> kNoUnits = {{{"", 1}}};

// A number that is not negative, perhaps blanks, and one of the units.
template <std::size_t Count>
std::optional<double> parse_quantity(const std::string& text, const std::array<Unit, Count>& units) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0 || std::signbit(number)) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& known) { return known.name == unit; });
  if (found == units.end()) return std::nullopt;
  return number * found->factor;
}

}  // namespace

std::optional<std::size_t> parse_size(const std::string& text) {
  const auto bytes = parse_quantity(text, kSizeUnits);
  constexpr double kLimit = 9e18;
  if (!bytes || *bytes < 1 || *bytes > kLimit) return std::nullopt;
  return static_cast<std::size_t>(*bytes);
}

std::optional<std::chrono::milliseconds> parse_period(const std::string& text) {
  const auto milliseconds = parse_quantity(text, kPeriodUnits);
  constexpr double kDay = 24 * 3600 * 1e3;
  if (!milliseconds || *milliseconds > kDay) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::optional<double> parse_probability(const std::string& text) {
  const auto probability = parse_quantity(text, kNoUnits);
  if (!probability || *probability <= 0 || *probability > 1) return std::nullopt;
  return probability;
}

}  // namespace jtrace::collector
