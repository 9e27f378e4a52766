#include "auto/settings.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "auto/voice.h"
#include "config/parse.h"

namespace jtrace::automatic {
namespace {

constexpr std::uint32_t kDeepest = 10'000;

std::string_view text_of(const char* value) noexcept { return detail::trim(value ? value : ""); }

bool refuse(std::string_view variable, std::string_view value, std::string_view wanted) {
  say(LogLevel::error, std::string(variable) + "=" + std::string(value) + ": " + std::string(wanted) +
                           " is what it takes; no function is traced automatically");
  return false;
}

bool take_minimum(std::string_view text, Settings& settings) {
  if (text.empty()) return true;
  const auto duration = detail::parse_duration(text);
  if (!duration) return refuse("JTRACE_INSTRUMENT_MIN", text, "a duration such as 100us or 5ms");
  settings.minimum = duration->count();
  return true;
}

bool take_depth(std::string_view text, Settings& settings) {
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.depth);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (is_whole && settings.depth >= 1 && settings.depth <= kDeepest) return true;
  return refuse("JTRACE_INSTRUMENT_DEPTH", text, "a number from 1 to 10000");
}

}  // namespace

std::optional<Settings> read_settings() {
  Settings settings;
  settings.patterns = text_of(std::getenv("JTRACE_INSTRUMENT"));
  if (settings.patterns.empty()) return std::nullopt;
  const bool is_good = take_minimum(text_of(std::getenv("JTRACE_INSTRUMENT_MIN")), settings) &&
                       take_depth(text_of(std::getenv("JTRACE_INSTRUMENT_DEPTH")), settings);
  return is_good ? std::optional(settings) : std::nullopt;
}

}  // namespace jtrace::automatic
