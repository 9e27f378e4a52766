#include "auto/settings.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "auto/voice.h"
#include "config/parse.h"

namespace jtrace::automatic {
namespace {

constexpr char kPatterns[] = "JTRACE_INSTRUMENT", kMinimum[] = "JTRACE_INSTRUMENT_MIN", kDepth[] = "JTRACE_INSTRUMENT_DEPTH";
constexpr std::uint32_t kDeepest = 10'000;

std::string_view value_of(const char* variable) noexcept {
  const char* value = std::getenv(variable);
  return detail::trim(value ? value : "");
}

bool refuse(const char* variable, std::string_view value, std::string_view wanted) {
  say(LogLevel::error, std::string(variable) + "=" + std::string(value) + ": " + std::string(wanted) +
                           " is what it takes; no function is traced automatically");
  return false;
}

bool take_minimum(Settings& settings) {
  const std::string_view text = value_of(kMinimum);
  if (text.empty()) return true;
  const auto duration = detail::parse_duration(text);
  if (!duration) return refuse(kMinimum, text, "a duration such as 100us or 5ms");
  settings.minimum = duration->count();
  return true;
}

bool take_depth(Settings& settings) {
  const std::string_view text = value_of(kDepth);
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), settings.depth);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && settings.depth >= 1 && settings.depth <= kDeepest;
  return is_good || refuse(kDepth, text, "a number from 1 to 10000");
}

}  // namespace

std::optional<Settings> read_settings() {
  Settings settings;
  settings.patterns = value_of(kPatterns);
  if (settings.patterns.empty() || !take_minimum(settings) || !take_depth(settings)) return std::nullopt;
  return settings;
}

}  // namespace jtrace::automatic
