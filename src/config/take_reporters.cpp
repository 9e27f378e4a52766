#include "config/take_reporters.h"

#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "config/parse.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kReporters = "reporters", kFinishHook = "finish_hook", kStatsListener = "stats_listener";

// A share of our own in what stands at the address.
template <class T>
std::shared_ptr<Held<T>> share(std::string_view address) {
  const Held<T>* held = nullptr;
  std::memcpy(&held, address.data(), sizeof held);
  return std::shared_ptr<Held<T>>(held->copy());
}

}  // namespace

const char* take_logging(Draft& draft, std::string_view text) {
  const auto value = parse_bool(text);
  if (!value) return "true or false";
  draft.settings.logging = *value;
  return nullptr;
}

// As seen from here: the program may go to another folder before its first span.
const char* take_file(Draft& draft, std::string_view path) {
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(std::filesystem::path(path), ignored);
  if (std::filesystem::is_directory(whole, ignored)) return "the path of a file; this is a folder";
  if (!std::filesystem::is_directory(whole.parent_path(), ignored)) return "the path of a file in a folder that is there";
  draft.settings.file = whole.string();
  return nullptr;
}

const char* take_file_format(Draft& draft, std::string_view text) {
  text = trim(text);
  if (text != "json-lines" && text != "jaeger-ui") return "json-lines or jaeger-ui";
  draft.settings.file_format = text == "jaeger-ui" ? FileFormat::jaeger_ui : FileFormat::json_lines;
  return nullptr;
}

bool is_object(std::string_view key) noexcept { return key == kReporters || key == kFinishHook || key == kStatsListener; }

void take_object(Draft& draft, std::string_view key, std::string_view address) {
  if (key == kReporters) {
    draft.settings.reporters.push_back(share<Reporter>(address));
  } else if (key == kStatsListener) {
    draft.settings.stats_listener = share<StatsListener>(address);
  } else {
    draft.settings.finish_hook = share<FinishHook>(address);
  }
}

}  // namespace jtrace::inline v1::detail
