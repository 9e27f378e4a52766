#include "format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace jtrace::collector {
namespace {

constexpr std::uint64_t kMillisecond = 1000;
constexpr std::uint64_t kSecond = 1000 * kMillisecond;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::size_t kMaxBytesShown = 32;

// Three digits that count.
std::string three_digits(double number) {
  std::array<char, 32> text{};
  const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, number);
  return text.data();
}

std::string two_units(std::uint64_t large, char large_unit, std::uint64_t small, char small_unit) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%llu%c %02llu%c", static_cast<unsigned long long>(large), large_unit,
                static_cast<unsigned long long>(small), small_unit);
  return text.data();
}

std::string format_double(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return std::string(text.data(), end);
}

std::string format_bytes(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "0x";
  for (std::size_t i = 0; i < std::min(bytes.size(), kMaxBytesShown); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  if (bytes.size() > kMaxBytesShown) text += "… (" + format_count(bytes.size(), "byte") + ")";
  return text;
}

}  // namespace

std::string format_duration(std::uint64_t microseconds) {
  const auto number = static_cast<double>(microseconds);
  if (microseconds < kMillisecond) return std::to_string(microseconds) + " µs";
  if (microseconds < kSecond - kMillisecond / 2) return three_digits(number / kMillisecond) + " ms";
  if (microseconds < kMinute) return three_digits(number / kSecond) + " s";
  if (microseconds < kHour) return two_units(microseconds / kMinute, 'm', microseconds % kMinute / kSecond, 's');
  return two_units(microseconds / kHour, 'h', microseconds % kHour / kMinute, 'm');
}

std::string format_count(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string format_time(std::int64_t microseconds_since_epoch) {
  constexpr auto kUnit = static_cast<std::int64_t>(kSecond);
  std::int64_t seconds = microseconds_since_epoch / kUnit;
  std::int64_t rest = microseconds_since_epoch % kUnit;
  if (rest < 0) {
    rest += kUnit;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm parts{};
  if (!localtime_r(&time, &parts)) return std::to_string(microseconds_since_epoch) + " µs";
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03d", static_cast<int>(rest / 1000));
  return text.data();
}

std::string format_value(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return format_double(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return format_bytes(std::get<Binary>(value).bytes);
}

}  // namespace jtrace::collector
