// --explain-config of the real jtrace-send: what would be set, and who said so; also by a file, which the program has no
// library for until one is found.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace {

using support::Outcome;

Outcome explain(std::vector<std::string> arguments, const support::Variables& variables) {
  arguments.insert(arguments.begin(), {JTRACE_SEND, "--explain-config"});
  return support::run(std::move(arguments), variables);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string line_of(const std::string& text, const std::string& key) {
  const std::size_t at = text.find("\n" + key + " ");
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE("each setting is told with its value and who said it, no endpoint needed, no secret shown") {
  const Outcome outcome = explain({"--auth-token", "s3cret"}, {{"JAEGER_SERVICE_NAME", "orders"}, {"JAEGER_SAMPLER_TYPE", "probabilistic"}});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "service_name "));
  CHECK(contains(outcome.out, "JAEGER_SERVICE_NAME"));
  CHECK(contains(line_of(outcome.out, "sampler.type"), "probabilistic"));
  CHECK(contains(line_of(outcome.out, "sampler.type"), "JAEGER_SAMPLER_TYPE"));
  CHECK(contains(line_of(outcome.out, "auth.token"), "***"));
  CHECK(contains(line_of(outcome.out, "auth.token"), "code"));
  CHECK(contains(line_of(outcome.out, "flush_interval"), "default"));
  CHECK_FALSE(contains(outcome.out, "s3cret"));
}

TEST_CASE("as JSON, too; a wrong value is told on stderr with exit code 2") {
  const Outcome outcome = explain({"--json"}, {{"JAEGER_ENDPOINT", "http://u:p@h:1/x"}});
  const auto settings = nlohmann::json::parse(outcome.out).at("settings");
  bool found = false;
  for (const auto& setting : settings) {
    if (setting.at("key") != "endpoint") continue;
    found = true;
    CHECK(setting.at("value") == "http://***@h:1/x");
    CHECK(setting.at("origin") == "JAEGER_ENDPOINT");
  }
  CHECK(found);
  const Outcome wrong = explain({}, {{"JAEGER_SAMPLER_PARAM", "many"}});
  CHECK(wrong.exit_code == 2);
  CHECK(contains(wrong.err, "JAEGER_SAMPLER_PARAM=\"many\": allowed is"));
}

TEST_CASE("a file needs the library jtrace-config, which is looked for by its name") {
  const auto path = std::filesystem::temp_directory_path() / ("jtrace-explain-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(path) << "service_name: by the file\n";
  const Outcome without = explain({}, {{"JTRACE_CONFIG", path.string()}, {"LD_LIBRARY_PATH", ""}});
  CHECK(without.exit_code == 2);
  CHECK(contains(without.err, "without the library jtrace-config"));
  if (std::filesystem::exists(JTRACE_CONFIG_LIBRARY)) {
    const std::string folder = std::filesystem::path(JTRACE_CONFIG_LIBRARY).parent_path().string();
    const Outcome with = explain({}, {{"JTRACE_CONFIG", path.string()}, {"LD_LIBRARY_PATH", folder}});
    INFO(with.describe());
    CHECK(with.exit_code == 0);
    CHECK(contains(with.out, "by the file"));
    CHECK(contains(with.out, path.string() + ":1"));
  }
  std::filesystem::remove(path);
}
