// Ids as hex digits and back, sixteen at a time: what makes headers cheap for callers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "hex_digits.h"
#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {

enum class HexCase { any, lower };

// Sixteen lower-case digits; where the text goes on.
inline char* write_hex(char* to, std::uint64_t value) noexcept {
  write_hex_digits(to, value);
  return to + 16;
}

// Of sixteen digits; adds to `wrong` where one is none.
inline std::uint64_t read_hex(const char* from, HexCase allowed, bool& wrong) noexcept {
  std::uint64_t value = 0;
  wrong |= !read_hex_digits(from, allowed == HexCase::any, value);
  return value;
}

inline std::uint32_t read_hex_digit(char c, HexCase allowed, bool& wrong) noexcept {
  const auto digit = static_cast<unsigned char>(c - '0');
  const auto letter = static_cast<unsigned char>((allowed == HexCase::any ? c | 0x20 : c) - 'a');
  wrong |= digit > 9 && letter > 5;
  return digit <= 9 ? digit : letter + 10u;
}

// The whole text: one digit or more, at most sixteen.
inline std::optional<std::uint64_t> parse_hex(std::string_view text, HexCase allowed = HexCase::any) noexcept {
  if (text.empty() || text.size() > 16) return std::nullopt;
  bool wrong = false;
  std::uint64_t value = 0;
  if (text.size() == 16) {
    value = read_hex(text.data(), allowed, wrong);
  } else {
    for (const char c : text) value = value << 4 | read_hex_digit(c, allowed, wrong);
  }
  if (wrong) return std::nullopt;
  return value;
}

// One digit or more, at most 32.
inline std::optional<TraceId> parse_trace_id(std::string_view text, HexCase allowed = HexCase::any) noexcept {
  const std::size_t high_digits = text.size() > 16 ? text.size() - 16 : 0;
  const auto high = high_digits == 0 ? std::optional<std::uint64_t>(0) : parse_hex(text.substr(0, high_digits), allowed);
  const auto low = parse_hex(text.substr(high_digits), allowed);
  if (!high || !low) return std::nullopt;
  return TraceId{*high, *low};
}

}  // namespace jtrace::inline v1::detail
