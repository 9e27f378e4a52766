// The environment under other names: OpenTelemetry's, old ones of Jaeger's, misspelled ones; and explain(), which tells who said what.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config/defaults.h"
#include "config/key.h"
#include "config/other_variables.h"
#include "config/read_settings.h"
#include "config/unknown_names.h"
#include "jtrace/explain.h"
#include "support/environment.h"
#include "support/log_capture.h"

namespace {

using namespace jtrace::detail;
using jtrace::ExplainedSetting;
using support::Environment;

Settings settings() {
  const SettingsOrError read = read_settings({});
  CHECK(read.error.message() == "");
  return read.settings;
}

std::vector<ExplainedSetting> explained(const jtrace::Config& config = {}) {
  auto got = jtrace::explain(config);
  CHECK(got.error().message() == "");
  return *got;
}
ExplainedSetting of(const std::vector<ExplainedSetting>& all, const std::string& key) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const ExplainedSetting& one) { return one.key == key; });
  REQUIRE(found != all.end());
  return *found;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every other name is one for a key that exists") {
  for (const OtherVariable& other : read_other_variables()) CHECK(find_key(other.name));
}

TEST_CASE("OpenTelemetry's names serve where Jaeger's are not set") {
  const Environment name("OTEL_SERVICE_NAME", "otel"), user("OTEL_EXPORTER_JAEGER_USER", "u"),
      password("OTEL_EXPORTER_JAEGER_PASSWORD", "p"), endpoint("OTEL_EXPORTER_JAEGER_ENDPOINT", "http://o:1/x");
  CHECK(settings().service_name == "otel");
  CHECK(settings().endpoint.url == "http://o:1/x");
  CHECK(settings().login.user == "u");
  CHECK(settings().login.password == "p");
  const Environment own("JAEGER_SERVICE_NAME", "jaeger"), own_endpoint("JAEGER_ENDPOINT", "http://j:1/x"), token("JAEGER_AUTH_TOKEN", "t");
  CHECK(settings().service_name == "jaeger");
  CHECK(settings().endpoint.url == "http://j:1/x");
  CHECK(settings().login.user == "");
}

TEST_CASE("an agent of Jaeger's name is not overruled by an endpoint of OpenTelemetry's") {
  const Environment agent("JAEGER_AGENT_HOST", "h"), endpoint("OTEL_EXPORTER_JAEGER_ENDPOINT", "http://o:1/x");
  CHECK(settings().endpoint.url == "");
}

TEST_CASE("OTEL_SDK_DISABLED is only true where it says so") {
  for (const auto& [text, expected] : std::vector<std::pair<const char*, bool>>{{"true", true}, {"TRUE", true}, {"1", false}, {"yes", false}, {"false", false}}) {
    CAPTURE(std::string(text));
    const Environment set("OTEL_SDK_DISABLED", text);
    CHECK(settings().disabled == expected);
  }
}

TEST_CASE("resource attributes are process tags, percent-decoded, and may name the service") {
  const Environment set("OTEL_RESOURCE_ATTRIBUTES", "service.name=a%20b, region=eu%2Cwest ,odd,=x,half=%4");
  const Settings got = settings();
  CHECK(got.service_name == "a b");
  REQUIRE(got.tags.size() == 2);
  CHECK(got.tags[0].key == "region");
  CHECK(got.tags[0].value == "eu,west");
  CHECK(got.tags[1].value == "%4");
  const Environment name("OTEL_SERVICE_NAME", "otel"), tags("JAEGER_TAGS", "zone=1");
  CHECK(settings().service_name == "otel");
  REQUIRE(settings().tags.size() == 1);
  CHECK(settings().tags[0].key == "zone");
}

TEST_CASE("old names of Jaeger's own serve too") {
  const Environment timeout("JAEGER_REPORTER_TIMEOUT", "2500"), endpoint("JAEGER_REPORTER_ENDPOINT", "http://h:1/x"), off("JAEGER_DISABLE", "true");
  CHECK(settings().request_timeout == std::chrono::milliseconds(2500));
  CHECK(settings().endpoint.url == "http://h:1/x");
  CHECK(settings().disabled);
}

TEST_CASE("a misspelled variable is told with the one that was meant, and what is others' is left alone") {
  const Environment wrong("JAEGER_ENDPIONT", "h"), far("JTRACE_XYZZY_QUUX", "1"), kube1("JAEGER_COLLECTOR_SERVICE_HOST", "10.0.0.1"),
      kube2("JAEGER_PORT_14268_TCP_ADDR", "10.0.0.1"), kube3("JAEGER_QUERY_PORT", "tcp://10.0.0.1:80"), go("JAEGER_RPC_METRICS", "true"),
      level("JTRACE_LOG_LEVEL", "info"), carried("JAEGER_DEBUG_ID", "x"), otel("OTEL_TRACES_SAMPLER", "always_on");
  std::vector<std::string> lines = unknown_variables();
  std::sort(lines.begin(), lines.end());
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "the variable JAEGER_ENDPIONT has no effect; was JAEGER_ENDPOINT meant?");
  CHECK(lines[1] == "the variable JTRACE_XYZZY_QUUX has no effect");
  CHECK(read_settings({}).warnings.size() == 2);
}

TEST_CASE("who asks for an explanation is told of a misspelled variable, too") {
  const support::LogCapture log;
  const Environment wrong("JAEGER_SERVICE_NAM", "h");
  CHECK(explained().size() > 10);
  CHECK(has(log.text(), "JAEGER_SERVICE_NAM has no effect; was JAEGER_SERVICE_NAME meant?"));
}

TEST_CASE("who asks for an explanation of settings with an error is told of a misspelled variable all the same") {
  const support::LogCapture log;
  const Environment wrong("JAEGER_SAMPLER_TIPE", "const");
  CHECK_FALSE(jtrace::explain({.sampler = {.param = 7}}));
  CHECK(has(log.text(), "JAEGER_SAMPLER_TIPE has no effect; was JAEGER_SAMPLER_TYPE meant?"));
}

TEST_CASE("a propagator of OpenTelemetry's that jtrace has no format for is left out, and told") {
  const Environment set("OTEL_PROPAGATORS", "tracecontext, xray,b3");
  const SettingsOrError read = read_settings({});
  CHECK(read.error.message() == "");
  REQUIRE(read.warnings.size() == 1);
  CHECK(read.warnings[0] == "OTEL_PROPAGATORS: there is no format xray; it is left out");
  const auto others = read_other_variables();
  REQUIRE(others.size() == 1);
  CHECK(others[0].value == "tracecontext,b3-single");
  const Environment own("JAEGER_PROPAGATION", "jaeger");
  CHECK(read_settings({}).warnings.empty());
}

TEST_CASE("explain gives every key once, with its default") {
  const auto all = explained();
  REQUIRE(all.size() == all_keys().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i].key);
    CHECK(all[i].key == all_keys()[i].name);
    CHECK(all[i].origin == "default");
    if (all[i].value.empty()) continue;
    Draft draft;  // a default is a text that its key would take
    CHECK(all_keys()[i].apply(draft, all[i].value) == nullptr);
  }
  CHECK(of(all, "flush_interval").value == "1s");
  CHECK(of(all, "file_format").value == "json-lines");
  CHECK(of(all, "sampler.type").value == "const");
}

TEST_CASE("explain tells who said what, the strongest only, and no secret") {
  const Environment name("JAEGER_SERVICE_NAME", "weak"), interval("JAEGER_REPORTER_FLUSH_INTERVAL", "250"), headers("JTRACE_HEADERS", "X-Key=s3cret"),
      tags("JAEGER_TAGS", "a=b");
  const auto all = explained({.service_name = "strong", .endpoint = "http://u:s3cret@h:1/x", .tags = {{"region", "eu"}}});
  CHECK(of(all, "service_name").value == "strong");
  CHECK(of(all, "service_name").origin == "code");
  CHECK(of(all, "flush_interval").value == "250");
  CHECK(of(all, "flush_interval").origin == "JAEGER_REPORTER_FLUSH_INTERVAL");
  CHECK(of(all, "tags").value == "a=b");
  CHECK(of(all, "tags.region").value == "eu");
  CHECK(of(all, "tags.region").origin == "code");
  for (const ExplainedSetting& one : all) CHECK_FALSE(has(one.value, "s3cret"));
}

TEST_CASE("explain fails as make_tracer would") {
  const auto got = jtrace::explain({.sampler = {.param = 7}});
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().key() == "sampler.param");
}
