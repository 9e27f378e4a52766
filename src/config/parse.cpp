#include "config/parse.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
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

bool is_in_number(char c) noexcept { return (c >= '0' && c <= '9') || c == '.'; }

// A number and the unit behind it, without blanks around. Of what several of them say, each needs its unit.
template <std::size_t N>
std::optional<double> parse_part(std::string_view text, const Unit (&units)[N], double plain) noexcept {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view unit = trim({rest, static_cast<std::size_t>(text.data() + text.size() - rest)});
  if (unit.empty()) return number * plain;
  const auto* known = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return same(unit, u.first); });
  return known == std::end(units) ? std::nullopt : std::optional(number * known->second);
}

std::optional<std::int64_t> whole_number(std::optional<double> number) noexcept {
  if (!number || !(*number <= kMost)) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(*number));
}

// The end of the first number with its unit: of "1m30s" that of the "m".
std::size_t end_of_part(std::string_view text) noexcept {
  const auto unit = std::find_if_not(text.begin(), text.end(), is_in_number);
  return static_cast<std::size_t>(std::find_if(unit, text.end(), is_in_number) - text.begin());
}

// "1m30s", as Go's client has it.
std::optional<double> parse_parts(std::string_view text) noexcept {
  double sum = 0;
  while (!text.empty()) {
    const auto part = parse_part(text.substr(0, end_of_part(text)), kTimes, std::numeric_limits<double>::infinity());
    if (!part) return std::nullopt;
    sum += *part;
    text.remove_prefix(end_of_part(text));
  }
  return sum;
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

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  text = trim(text);
  std::uint16_t port = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || rest != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept {
  text = trim(text);
  const auto one = parse_part(text, kTimes, 1e6);
  const auto count = whole_number(one || text.empty() ? one : parse_parts(text));
  if (!count) return std::nullopt;
  return std::chrono::nanoseconds(*count);
}

std::optional<std::int64_t> parse_bytes(std::string_view text, std::int64_t plain_unit) noexcept {
  return whole_number(parse_part(trim(text), kSizes, static_cast<double>(plain_unit)));
}

}  // namespace jtrace::inline v1::detail
