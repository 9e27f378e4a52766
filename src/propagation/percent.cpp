#include "propagation/percent.h"

#include <algorithm>

namespace jtrace::inline v1::detail {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_unreserved(char c) noexcept { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == '~'; }

template <class Allowed>
std::string encode(std::string_view text, Allowed&& is_allowed) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char& c : text) {
    if (is_allowed(c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return encoded;
}

}  // namespace

std::string encode_percent(std::string_view text) { return encode(text, is_unreserved); }

std::string encode_key(std::string_view key) {
  return encode(key, [](char c) { return is_letter_or_digit(c) || is_token_mark(c); });
}

std::string encode_plainly(std::string_view text) {
  const char* const first = text.data();
  const char* const last = text.empty() ? first : first + text.size() - 1;
  return encode(text, [=](const char& c) {
    const bool is_at_end = &c == first || &c == last;
    return c >= ' ' && c <= '~' && c != '%' && !(c == ' ' && is_at_end);
  });
}

std::size_t decode_percent(std::string_view text, Plus plus, char* to) noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      to[size++] = static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2]));
      i += 2;
    } else {
      to[size++] = plus == Plus::is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return size;
}

std::string decode_percent(std::string_view text, Plus plus) {
  std::string decoded(text.size(), '\0');
  decoded.resize(decode_percent(text, plus, decoded.data()));
  return decoded;
}

bool is_token_mark(char c) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return kMarks.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || is_token_mark(c); });
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string_view trim_header(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace jtrace::inline v1::detail
