#include "explain_config.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emit.h"
#include "jtrace/explain.h"
#include "reach.h"
#include "text.h"

namespace jtrace_send {
namespace {

using Settings = std::vector<jtrace::ExplainedSetting>;

void print_table(const Settings& settings) {
  std::size_t key_width = 0, value_width = 0;
  for (const auto& setting : settings) {
    key_width = std::max(key_width, setting.key.size());
    value_width = std::max(value_width, std::min<std::size_t>(setting.value.size(), 40));
  }
  for (const auto& setting : settings) {
    std::printf("%-*s  %-*s  %s\n", static_cast<int>(key_width), setting.key.c_str(), static_cast<int>(value_width),
                one_line(setting.value).c_str(), setting.origin.c_str());
  }
}

void print_json(const Settings& settings) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& setting : settings)
    list.push_back({{"key", setting.key}, {"value", setting.value}, {"origin", setting.origin}});
  const nlohmann::ordered_json report{{"settings", list}};
  std::printf("%s\n", report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace

ExitCode explain_config(const Options& options) {
  jtrace::Config config;
  set_destination(config, options);
  if (options.service) config.service_name = *options.service;
  if (options.connect_timeout) config.connect_timeout = *options.connect_timeout;
  if (options.request_timeout) config.request_timeout = *options.request_timeout;
  configure(config, options.reach);
  const auto settings = jtrace::explain(config);
  if (!settings) {
    std::fprintf(stderr, "jtrace-send: %s\n", settings.error().message().c_str());
    return kUsage;
  }
  options.is_json ? print_json(*settings) : print_table(*settings);
  return kDelivered;
}

}  // namespace jtrace_send
