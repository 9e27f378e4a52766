#include "config/parse.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <utility>

namespace jtrace::inline v1::detail {
namespace {

using Unit = std::pair<std::string_view, double>;

constexpr Unit kTimes[] = {{"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3}, {"ms", 1e6},
                           {"s", 1e9},  {"m", 60e9}, {"h", 3600e9}};
constexpr Unit kSizes[] = {{"b", 1},      {"kb", 1e3},       {"kib", 1024.0},          {"mb", 1e6},
                           {"mib", 1048576.0}, {"gb", 1e9}, {"gib", 1073741824.0}};
constexpr double kMost = 9e18;  // below 2^63

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view text, std::string_view lower_case) noexcept {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return same(text, word); });
}

// A number and the unit behind it.
template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const Unit (&units)[N], double plain) noexcept {
  text = trim(text);
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view unit = trim({rest, static_cast<std::size_t>(text.data() + text.size() - rest)});
  double factor = plain;
  if (!unit.empty()) {
    const auto* known = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return same(unit, u.first); });
    if (known == std::end(units)) return std::nullopt;
    factor = known->second;
  }
  if (number * factor > kMost) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(number * factor));
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<bool> parse_bool(std::string_view text) noexcept {
  text = trim(text);
  if (is_one_of(text, {"true", "1", "yes", "on", "t"})) return true;
  if (is_one_of(text, {"false", "0", "no", "off", "f"})) return false;
  return std::nullopt;
}

std::optional<double> parse_number(std::string_view text) noexcept {
  text = trim(text);
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  const auto count = parse_with_unit(text, kTimes, 1e6);
  if (!count) return std::nullopt;
  return std::chrono::nanoseconds(*count);
}

std::optional<std::int64_t> parse_bytes(std::string_view text, std::int64_t plain_unit) noexcept {
  return parse_with_unit(text, kSizes, static_cast<double>(plain_unit));
}

}  // namespace jtrace::inline v1::detail
