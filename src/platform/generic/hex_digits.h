// Sixteen hex digits at a time, as two words of eight.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace jtrace::inline v1::detail {

inline constexpr std::uint64_t kEachByte = 0x0101010101010101;

// A word whose highest byte lies first in memory.
inline std::uint64_t load_text(const char* from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}
inline void store_text(char* to, std::uint64_t word) noexcept {
  if (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  std::memcpy(to, &word, sizeof word);
}

inline void write_eight_digits(char* to, std::uint32_t value) noexcept {
  std::uint64_t word = value;  // spread until each byte has one digit
  word = (word | word << 16) & 0x0000ffff0000ffff;
  word = (word | word << 8) & 0x00ff00ff00ff00ff;
  word = (word | word << 4) & 0x0f0f0f0f0f0f0f0f;
  const std::uint64_t letters = (word + 6 * kEachByte) >> 4 & kEachByte;
  store_text(to, word + '0' * kEachByte + letters * ('a' - '0' - 10));
}

inline void write_hex_digits(char* to, std::uint64_t value) noexcept {
  write_eight_digits(to, static_cast<std::uint32_t>(value >> 32));
  write_eight_digits(to + 8, static_cast<std::uint32_t>(value));
}

inline bool read_eight_digits(const char* from, bool allow_capitals, std::uint64_t& value) noexcept {
  const std::uint64_t text = load_text(from);
  // The high bit of each byte that is not below `c`, for bytes below 0x80.
  const auto from_on = [text](unsigned c) { return (text & 0x7f * kEachByte) + (0x80 - c) * kEachByte; };
  std::uint64_t right = (from_on('0') & ~from_on('9' + 1)) | (from_on('a') & ~from_on('f' + 1));
  if (allow_capitals) right |= from_on('A') & ~from_on('F' + 1);
  std::uint64_t digits = (text & 0x0f * kEachByte) + (text >> 6 & kEachByte) * 9;
  digits = (digits | digits >> 4) & 0x00ff00ff00ff00ff;
  digits = (digits | digits >> 8) & 0x0000ffff0000ffff;
  value = value << 32 | static_cast<std::uint32_t>(digits | digits >> 16);
  return (~(right & ~text) & 0x80 * kEachByte) == 0;
}

// False if one is none, or a capital where those are not allowed.
inline bool read_hex_digits(const char* from, bool allow_capitals, std::uint64_t& value) noexcept {
  const bool is_high_right = read_eight_digits(from, allow_capitals, value);
  return read_eight_digits(from + 8, allow_capitals, value) && is_high_right;
}

}  // namespace jtrace::inline v1::detail
