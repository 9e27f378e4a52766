#include "config/other_variables.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "config/parse.h"
#include "config/percent.h"

namespace jtrace::inline v1::detail {
namespace {

using Turn = std::string (*)(std::string_view);

struct Row {
  const char* variable;
  const char* key;
  Turn turn;
  std::array<const char*, 2> unless;  // any of these is set
};

std::string as_is(std::string_view text) { return std::string(text); }

// OpenTelemetry: only the word itself switches off, in any case.
std::string only_true(std::string_view text) {
  constexpr std::string_view kTrue = "true";
  const std::string_view word = trim(text);
  const bool is_true = std::equal(word.begin(), word.end(), kTrue.begin(), kTrue.end(),
                                  [](char given, char wanted) { return (given | 0x20) == wanted; });
  return is_true ? "true" : "false";
}

// use(word, format) for each part of "tracecontext,baggage,b3"; for OpenTelemetry b3 is the single header. The format is empty where
// there is none.
template <class F>
void for_each_propagator(std::string_view text, F&& use) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"tracecontext", "tracecontext"}, {"baggage", "baggage"}, {"jaeger", "jaeger"},
      {"b3multi", "b3"},                {"b3", "b3-single"},    {"none", "none"}};
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const auto known = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& name) { return name.first == word; });
    if (!word.empty()) use(word, known == std::end(kNames) ? std::string_view() : known->second);
  }
}

std::string as_propagation(std::string_view text) {
  std::string formats;
  for_each_propagator(text, [&](std::string_view, std::string_view format) {
    if (!format.empty() && !formats.empty()) formats += ',';
    formats += format;
  });
  return formats;
}

constexpr const char kAgent[] = "JAEGER_AGENT_HOST", kEndpoint[] = "JAEGER_ENDPOINT";
constexpr Row kRows[] = {
    {"OTEL_SERVICE_NAME", "service_name", as_is, {"JAEGER_SERVICE_NAME"}},
    {"OTEL_SDK_DISABLED", "disabled", only_true, {"JAEGER_DISABLED"}},
    {"OTEL_PROPAGATORS", "propagation", as_propagation, {"JAEGER_PROPAGATION"}},
    {"OTEL_EXPORTER_JAEGER_ENDPOINT", "endpoint", as_is, {kEndpoint, kAgent}},
    {"OTEL_EXPORTER_JAEGER_AGENT_HOST", "local_agent.reporting_host", as_is, {kEndpoint, kAgent}},
    {"OTEL_EXPORTER_JAEGER_AGENT_PORT", "local_agent.reporting_port", as_is, {kEndpoint, "JAEGER_AGENT_PORT"}},
    {"OTEL_EXPORTER_JAEGER_USER", "auth.user", as_is, {"JAEGER_USER", "JAEGER_AUTH_TOKEN"}},
    {"OTEL_EXPORTER_JAEGER_PASSWORD", "auth.password", as_is, {"JAEGER_PASSWORD", "JAEGER_AUTH_TOKEN"}},
    {"OTEL_EXPORTER_JAEGER_TIMEOUT", "request_timeout", as_is, {"JTRACE_REQUEST_TIMEOUT", "JAEGER_REPORTER_TIMEOUT"}},
    {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "limits.tags", as_is, {"JTRACE_MAX_TAGS"}},
    {"OTEL_SPAN_EVENT_COUNT_LIMIT", "limits.logs", as_is, {"JTRACE_MAX_LOGS"}},
    {"JAEGER_REPORTER_TIMEOUT", "request_timeout", as_is, {"JTRACE_REQUEST_TIMEOUT"}},
    {"JAEGER_REPORTER_ENDPOINT", "endpoint", as_is, {kEndpoint}},
    {"JAEGER_REPORTER_USER", "auth.user", as_is, {"JAEGER_USER"}},
    {"JAEGER_REPORTER_PASSWORD", "auth.password", as_is, {"JAEGER_PASSWORD"}},
    {"JAEGER_REPORTER_AGENT_HOST", "local_agent.reporting_host", as_is, {kAgent}},
    {"JAEGER_REPORTER_AGENT_PORT", "local_agent.reporting_port", as_is, {"JAEGER_AGENT_PORT"}},
    {"JAEGER_DISABLE", "disabled", as_is, {"JAEGER_DISABLED"}},
};
constexpr char kResource[] = "OTEL_RESOURCE_ATTRIBUTES";

const char* set(const char* variable) noexcept {
  const char* value = variable ? std::getenv(variable) : nullptr;
  return value && *value ? value : nullptr;
}

void read_row(const Row& row, std::vector<OtherVariable>& found) {
  const char* value = set(row.variable);
  if (!value || std::any_of(row.unless.begin(), row.unless.end(), set)) return;
  std::string text = row.turn(value);
  if (!text.empty()) found.push_back({row.key, std::move(text), row.variable});
}

// "service.name=orders,region=eu%2Dwest": process tags, and the service's name where nothing else says it.
void read_resource(std::vector<OtherVariable>& found) {
  const char* attributes = set(kResource);
  if (!attributes) return;
  const bool names_service = !set("JAEGER_SERVICE_NAME") && !set("OTEL_SERVICE_NAME");
  for (std::string_view text = attributes; !text.empty();) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t equals = pair.find('=');
    const std::string key = percent_decoded(trim(pair.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty()) continue;
    std::string value = percent_decoded(trim(pair.substr(equals + 1)));
    if (key != "service.name") {
      if (!set("JAEGER_TAGS")) found.push_back({"tags." + key, std::move(value), kResource});
    } else if (names_service && !value.empty()) {
      found.push_back({"service_name", std::move(value), kResource});
    }
  }
}

constexpr auto kNames = [] {
  std::array<const char*, std::size(kRows) + 1> names{};
  for (std::size_t i = 0; i < std::size(kRows); ++i) names[i] = kRows[i].variable;
  names.back() = kResource;
  return names;
}();

}  // namespace

std::vector<OtherVariable> read_other_variables() {
  std::vector<OtherVariable> found;
  for (const Row& row : kRows) read_row(row, found);
  read_resource(found);
  return found;
}

std::vector<std::string> other_variable_warnings() {
  std::vector<std::string> lines;
  const char* propagators = set("JAEGER_PROPAGATION") ? nullptr : set("OTEL_PROPAGATORS");
  for_each_propagator(propagators ? propagators : "", [&](std::string_view word, std::string_view format) {
    if (!format.empty()) return;
    std::string line("OTEL_PROPAGATORS: there is no format ");
    lines.push_back(line.append(word).append("; it is left out"));
  });
  return lines;
}

std::span<const char* const> other_variable_names() noexcept { return kNames; }

}  // namespace jtrace::inline v1::detail
