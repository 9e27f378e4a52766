// Parsers for the values of settings: each takes a whole text and gives a value or nothing. All of them read numbers the
// same way under every locale.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace jtrace::inline v1::detail {

std::string_view trim(std::string_view text) noexcept;

std::optional<bool> parse_bool(std::string_view text) noexcept;           // true false 1 0 yes no on off t f, any case
std::optional<double> parse_number(std::string_view text) noexcept;       // finite
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;  // 1 to 65535

// "250ms"; units ns us µs ms s m h; without one: milliseconds. Not negative.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;

// "64MiB"; units B KB KiB MB MiB GB GiB, any case; without one: `plain_unit` bytes each.
std::optional<std::int64_t> parse_bytes(std::string_view text, std::int64_t plain_unit) noexcept;

}  // namespace jtrace::inline v1::detail
