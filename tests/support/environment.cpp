#include "support/environment.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace support {

Environment::Environment(const char* name, const char* value) : name_(name) {
  if (const char* before = getenv(name)) before_ = before;
  setenv(name, value, 1);
}

Environment::Environment(const char* name, std::nullopt_t) : name_(name) {
  if (const char* before = getenv(name)) before_ = before;
  unsetenv(name);
}

Environment::~Environment() {
  if (before_) {
    setenv(name_.c_str(), before_->c_str(), 1);
  } else {
    unsetenv(name_.c_str());
  }
}

bool steers_tracing(std::string_view name) {
  constexpr std::array<std::string_view, 8> proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
                                                       "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
  if (name.starts_with("JTRACE_TEST_")) return false;
  return name.starts_with("JAEGER_") || name.starts_with("JTRACE_") || name.starts_with("OTEL_") ||
         std::find(proxies.begin(), proxies.end(), name) != proxies.end();
}

void forget_tracing_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view line = *entry;
    const std::string_view name = line.substr(0, line.find('='));
    if (steers_tracing(name)) names.emplace_back(name);
  }
  for (const std::string& name : names) unsetenv(name.c_str());
}

std::vector<std::string> neutral_environment() {
  std::vector<std::string> kept;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view line = *entry;
    if (!steers_tracing(line.substr(0, line.find('=')))) kept.emplace_back(line);
  }
  return kept;
}

}  // namespace support
