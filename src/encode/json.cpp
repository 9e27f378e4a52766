#include "encode/json.h"

#include <charconv>
#include <cmath>

namespace jtrace::inline v1::detail::json {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

template <class Number>
void put(std::string& to, Number number) {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  to.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void put_text(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (byte < 0x20) {
      to.append("\\u00");
      to += kDigits[byte >> 4];
      to += kDigits[byte & 15];
    } else {
      to += c;
    }
  }
  to += '"';
}

void put_number(std::string& to, double number) {
  if (std::isfinite(number)) return put(to, number);
  to.append(std::isnan(number) ? "\"NaN\"" : number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

void put_number(std::string& to, std::int64_t number) { put(to, number); }
void put_number(std::string& to, std::uint64_t number) { put(to, number); }

void put_bytes(std::string& to, std::string_view bytes) {
  constexpr char kSigns[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  to += '"';
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    const auto byte = [&](std::size_t i) -> unsigned { return i < left ? static_cast<unsigned char>(bytes[at + i]) : 0; };
    const unsigned word = byte(0) << 16 | byte(1) << 8 | byte(2);
    to += kSigns[word >> 18];
    to += kSigns[word >> 12 & 63];
    to += left > 1 ? kSigns[word >> 6 & 63] : '=';
    to += left > 2 ? kSigns[word & 63] : '=';
  }
  to += '"';
}

void put_hex(std::string& to, std::uint64_t word) {
  for (int shift = 60; shift >= 0; shift -= 4) to += kDigits[word >> shift & 15];
}

}  // namespace jtrace::inline v1::detail::json
