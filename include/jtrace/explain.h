// explain(): each setting, its value, and who said it, for people who wonder.
//
//   for (const auto& setting : *jtrace::explain()) std::cout << setting.key << " = " << setting.value << " (" << setting.origin << ")\n";
//
// Not included by jtrace.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jtrace/config.h"
#include "jtrace/detail/export.h"
#include "jtrace/error.h"

namespace jtrace::inline v1 {

struct ExplainedSetting {
  std::string key;     // "sampler.type", "tags.region"
  std::string value;   // as it was said, secrets as ***; empty: there is none
  std::string origin;  // "code", the variable, the file with its line, or "default"
};

namespace detail {
using ExplainSink = void (*)(void* to, std::string_view key, std::string_view value, std::string_view origin);
using ExplainErrorSink = void (*)(void* to, std::string_view key, std::string_view value, std::string_view message);
JTRACE_API bool explain(const EntryList*, void* to, ExplainSink, void* error, ExplainErrorSink) noexcept;
}  // namespace detail

// What a tracer made now from `config`, the environment and the file that they name would be configured with. All keys, in the
// order of docs/configuration.md. Fails with the Error that make_tracer() would fail with; names that nobody knows are told in the log, as
// it would do. Blocks on the file; any thread.
[[nodiscard]] inline Expected<std::vector<ExplainedSetting>> explain(const Config& config = {}) {
  const detail::ConfigEntries entries(config);
  std::vector<ExplainedSetting> settings;
  Error error;
  const bool is_right = detail::explain(
      entries.list(), &settings,
      [](void* to, std::string_view key, std::string_view value, std::string_view origin) {
        auto& list = *static_cast<std::vector<ExplainedSetting>*>(to);
        list.push_back({std::string(key), std::string(value), std::string(origin)});
      },
      &error,
      [](void* to, std::string_view key, std::string_view value, std::string_view message) {
        *static_cast<Error*>(to) = Error(std::string(key), std::string(value), std::string(message));
      });
  if (!is_right) return error;
  return settings;
}

}  // namespace jtrace::inline v1
