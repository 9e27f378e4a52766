// Files: what they may hold, in which spellings, under what stands in the environment and in code, and what is wrong with one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "config/read_settings.h"
#include "jtrace/explain.h"
#include "jtrace/jtrace.h"
#include "support/environment.h"

namespace {

using namespace jtrace::detail;
using namespace std::chrono_literals;
using support::Environment;

// A file for the time of a test.
class FileOf {
 public:
  explicit FileOf(const std::string& text, const std::string& ending = ".yaml")
      : path_(std::filesystem::temp_directory_path() / ("jtrace-config-" + std::to_string(getpid()) + ending)) {
    std::ofstream(path_) << text;
  }
  ~FileOf() { std::filesystem::remove(path_); }
  FileOf(const FileOf&) = delete;
  std::string path() const { return path_.string(); }

 private:
  const std::filesystem::path path_;
};

using Code = std::vector<ConfigView>;

SettingsOrError read(const std::string& text, Code code = {}) {
  const FileOf file(text);
  const std::string path = file.path();
  code.push_back({"config_file", path});
  return read_settings(code);
}
Settings settings(const std::string& text, const Code& code = {}) {
  const SettingsOrError got = read(text, code);
  CHECK(got.error.message() == "");
  CHECK(got.warnings.empty());
  return got.settings;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a file of YAML sets what code and the environment leave open") {
  const char* text = R"(
service_name: 测试应用名称
endpoint: http://h:1/x
sampler:
  type: probabilistic
  param: 0.25
flush_interval: 250ms
tags:
  region: eu
  zone: 7
headers: {X-Team: a}
)";
  const Settings got = settings(text);
  CHECK(got.service_name == "测试应用名称");
  CHECK(got.endpoint.url == "http://h:1/x");
  CHECK(got.sampler.name() == "probabilistic");
  CHECK(got.sampler.param() == 0.25);
  CHECK(got.flush_interval == 250ms);
  REQUIRE(got.tags.size() == 2);
  CHECK(got.tags[0].key == "region");
  CHECK(got.tags[1].value == "7");
  REQUIRE(got.headers.size() == 1);
  CHECK(got.headers[0].name == "X-Team");

  const Environment name("JAEGER_SERVICE_NAME", "from the environment");
  const Settings above = settings(text, {{"flush_interval", "2s"}, {"tags.zone", "8"}});
  CHECK(above.service_name == "from the environment");
  CHECK(above.flush_interval == 2s);
  CHECK(above.sampler.param() == 0.25);
  CHECK(above.tags[1].value == "8");
}

TEST_CASE("a file of JSON is read alike") {
  const Settings got = settings(R"({"service_name": "a", "sampler": {"type": "const", "param": 0}, "max_batch_bytes": "64KiB", "tags": {"n": 1}})");
  CHECK(got.service_name == "a");
  CHECK(got.sampler.param() == 0);
  CHECK(got.max_batch_bytes == 65536);
  CHECK(got.tags[0].value == "1");
}

TEST_CASE("JTRACE_CONFIG names the file, code names another one") {
  const FileOf file("service_name: by the variable");
  const Environment variable("JTRACE_CONFIG", file.path().c_str());
  CHECK(read_settings({}).settings.service_name == "by the variable");
  CHECK(settings("service_name: in code").service_name == "in code");
}

TEST_CASE("the spellings and units of Jaeger's other clients are understood") {
  struct {
    const char* text;
    std::string (*seen)(const Settings&);
    const char* expected;
  } const cases[] = {
      {"reporter_flush_interval: 2", [](const Settings& s) { return std::to_string(s.flush_interval.count()); }, "2000000000"},
      {"reporter_flush_interval: 0.5", [](const Settings& s) { return std::to_string(s.flush_interval.count()); }, "500000000"},
      {"reporter: {bufferFlushInterval: 3}", [](const Settings& s) { return std::to_string(s.flush_interval.count()); }, "3000000000"},
      {"reporter: {flushIntervalMs: 3}", [](const Settings& s) { return std::to_string(s.flush_interval.count()); }, "3000000"},
      {"reporter_queue_size: 1000", [](const Settings& s) { return std::to_string(s.max_queue_bytes); }, "128000"},
      {"reporter: {queueSize: 1000}", [](const Settings& s) { return std::to_string(s.max_queue_bytes); }, "128000"},
      {"reporter: {endpoint: 'h:1'}", [](const Settings& s) { return s.endpoint.url; }, "http://h:1/api/traces"},
      {"reporter: {collectorEndpoint: 'h:1'}", [](const Settings& s) { return s.endpoint.url; }, "http://h:1/api/traces"},
      {"reporter: {user: u, password: p}", [](const Settings& s) { return s.login.user + s.login.password; }, "up"},
      {"reporter: {http_headers: {X-A_b: v}}", [](const Settings& s) { return s.headers.at(0).name; }, "X-A_b"},
      {"serviceName: a", [](const Settings& s) { return s.service_name; }, "a"},
      {"enabled: false", [](const Settings& s) { return std::string(s.disabled ? "off" : "on"); }, "off"},
      {"disable: true", [](const Settings& s) { return std::string(s.disabled ? "off" : "on"); }, "off"},
      {"generate_128bit_trace_id: false", [](const Settings& s) { return std::to_string(s.trace_id_128bit); }, "0"},
      {"traceid_128bit: false", [](const Settings& s) { return std::to_string(s.trace_id_128bit); }, "0"},
      {"traceId128Bit: false", [](const Settings& s) { return std::to_string(s.trace_id_128bit); }, "0"},
      {"local_agent: {reporting_host: a, reporting_port: 1, sampling_port: 2}\nsampler: {type: remote}", [](const Settings& s) { return s.sampling.endpoint.url; }, "http://a:2/sampling"},
      {"reporter: {localAgentHostPort: 'a:7'}", [](const Settings& s) { return s.agent.host + ":" + std::to_string(s.agent.port); }, "a:7"},
      {"logging: true", [](const Settings& s) { return std::to_string(s.logging); }, "1"},
      {"max_tag_value_length: 77", [](const Settings& s) { return std::to_string(s.limits.value_length); }, "77"},
      {"metrics: true\nreporter_batch_size: 10\nthrottler: {port: 5778}", [](const Settings& s) { return std::to_string(s.tags.size()); }, "0"},
      {"service_name: a\nendpoint:", [](const Settings& s) { return s.endpoint.url; }, ""},
  };
  for (const auto& one : cases) {
    CAPTURE(std::string(one.text));
    CHECK(one.seen(settings(one.text)) == one.expected);
  }
}

TEST_CASE("in code a configuration reads like the tutorial's, and means the same as in a file") {
  const jtrace::Config config{.service_name = "测试应用名称",
                              .sampler = {.type = "const", .param = 1},
                              .local_agent = {.reporting_host = "192.168.2.57", .reporting_port = 6831},
                              .logging = true};
  const ConfigEntries entries(config);
  const SettingsOrError code = read_settings(views_of(entries.list()));
  const Settings file = settings(
      "service_name: 测试应用名称\nsampler: {type: const, param: 1}\nlogging: true\n"
      "local_agent:\n  reporting_host: 192.168.2.57\n  reporting_port: 6831\n");
  CHECK(code.error.message() == "");
  for (const Settings* one : {&code.settings, &file}) {
    CHECK(one->service_name == "测试应用名称");
    CHECK(one->sampler.name() == "const");
    CHECK(one->agent.host == "192.168.2.57");
    CHECK(one->agent.port == 6831);
    CHECK(one->logging);
  }
}

TEST_CASE("an unknown key is told with its line and the one that was meant; with validate it is an error") {
  const SettingsOrError lenient = read("service_name: a\nsampler:\n  tipe: const\n");
  CHECK(lenient.error.message() == "");
  CHECK(lenient.settings.service_name == "a");
  REQUIRE(lenient.warnings.size() == 1);
  CHECK(has(lenient.warnings[0], "sampler.tipe in "));
  CHECK(has(lenient.warnings[0], ".yaml:3 "));
  CHECK(has(lenient.warnings[0], "was sampler.type meant?"));
  for (const auto& [text, code] : std::vector<std::pair<std::string, Code>>{
           {"validate: true\nservice_nme: a\n", {}}, {"service_nme: a\n", {{"validate", "true"}}}}) {
    const SettingsOrError strict = read(text, code);
    CHECK(strict.error.key() == "service_nme");
    CHECK(has(strict.error.message(), "was service_name meant?"));
  }
  CHECK(read("validate: true\nservice_nme: a\n", {{"validate", "false"}}).error.message() == "");
}

TEST_CASE("a sampling port is on the agent's host, whoever names that") {
  const std::string file = "local_agent: {reporting_host: a, sampling_port: 2}\nsampler: {type: remote}";
  CHECK(settings(file).sampling.endpoint.url == "http://a:2/sampling");
  CHECK(settings("local_agent: {sampling_port: 2}\nsampler: {type: remote}").sampling.endpoint.url == "http://localhost:2/sampling");
  const Environment host("JAEGER_AGENT_HOST", "b");
  CHECK(settings(file).sampling.endpoint.url == "http://b:2/sampling");
  CHECK(settings("local_agent: {sampling_port: 2}\nsampler: {type: remote}").sampling.endpoint.url == "http://b:2/sampling");
}

TEST_CASE("a sampling port is on the agent's host also where code names that, or another client's variable") {
  const std::string file = "local_agent: {sampling_port: 2}\nsampler: {type: remote}";
  CHECK(settings(file, {{"local_agent.reporting_host", "c"}}).sampling.endpoint.url == "http://c:2/sampling");
  CHECK(settings(file, {{"local_agent.reporting_host", "::1"}}).sampling.endpoint.url == "http://[::1]:2/sampling");
  CHECK(settings("sampler: {type: remote}", {{"local_agent.reporting_host", "::1"}}).sampling.endpoint.url == "http://[::1]:5778/sampling");
  const Environment host("OTEL_EXPORTER_JAEGER_AGENT_HOST", "d");
  CHECK(settings(file).sampling.endpoint.url == "http://d:2/sampling");
}

TEST_CASE("explain tells that a file validates itself, as it tells every other key of it") {
  const FileOf file("validate: yes\nservice_name: a\n");
  const auto explained = jtrace::explain({.config_file = file.path()});
  REQUIRE(explained);
  const auto found = std::find_if(explained->begin(), explained->end(), [](const auto& one) { return one.key == "validate"; });
  REQUIRE(found != explained->end());
  CHECK(found->value == "yes");
  CHECK(has(found->origin, ".yaml:1"));
}

TEST_CASE("a wrong value is an error with the name that the file has for it, and the line") {
  const SettingsOrError got = read("service_name: a\nreporter:\n  queueSize: many\n");
  CHECK(got.error.key() == "reporter.queueSize");
  CHECK(got.error.value() == "many");
  CHECK(has(got.error.message(), "reporter.queueSize=\"many\" in "));
  CHECK(has(got.error.message(), ".yaml:3: allowed is a number of spans"));
  CHECK_FALSE(has(read("auth: {token: 'se cret'}").error.message(), "se cret"));
}

TEST_CASE("a file that is none is an error that names the file and says what is wrong") {
  struct {
    const char *text, *said;
  } const cases[] = {{"a: [b", "line 1"},
                     {"- a\n- b\n", "a configuration is a map of keys"},
                     {"tags: {a: 1}\ntags: {b: 2}\n", "line 2: the key tags stands here twice"},
                     {"tags: [[1]]", "a list holds words"},
                     {"{[a, b]: c}", "a key is a word"}};
  for (const auto& one : cases) {
    CAPTURE(std::string(one.text));
    const SettingsOrError got = read(one.text);
    CHECK(got.error.key() == "config_file");
    CHECK(has(got.error.message(), ".yaml"));
    CHECK(has(got.error.message(), one.said));
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{a: ";
  CHECK(has(read(deep + std::string(100, '}')).error.message(), "nested"));
  CHECK(has(read_settings(Code{{"config_file", "/nowhere/at/all.yaml"}}).error.message(), "/nowhere/at/all.yaml\": it cannot be read"));
}

TEST_CASE("an alias is no way to make a small file large") {
  std::string bomb = "a: &a {x: 1, y: 2, z: 3, w: 4, v: 5, u: 6, t: 7, s: 8, r: 9, q: 10}\n";
  for (char c = 'b'; c < 'k'; ++c) {
    (((bomb += c) += ": &") += c) += " {";
    for (char k = '0'; k <= '9'; ++k) ((((bomb += 'k') += k) += ": *") += static_cast<char>(c - 1)) += ", ";
    bomb += "}\n";
  }
  CHECK(has(read(bomb).error.message(), "more than 10000 values"));
}
