#include "json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "text.h"

namespace jtrace::collector {
namespace {

void append_character(std::string& json, std::string_view text, std::size_t at, const CodePoint& point) {
  if (!point.valid) {
    json += "\xef\xbf\xbd";
  } else if (point.value == '"' || point.value == '\\') {
    json += '\\';
    json += static_cast<char>(point.value);
  } else if (point.value < 0x20 || point.value == 0x7f || point.value == 0x2028 || point.value == 0x2029) {
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", point.value);
    json += escaped.data();
  } else {
    json += text.substr(at, point.length);
  }
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string json = "\"";
  json.reserve(text.size() + 2);
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    append_character(json, text, at, point);
    at += point.length;
  }
  return json + '"';
}

std::string json_double(double number) {
  if (std::isnan(number)) return "\"NaN\"";
  if (std::isinf(number)) return number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return std::string(text.data(), end);
}

std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += at + i > bytes.size() ? '=' : kLetters[(group >> (18 - 6 * i)) & 0x3f];
    }
  }
  return text;
}

}  // namespace jtrace::collector
