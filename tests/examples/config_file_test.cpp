// examples/config_file: what its file says is what arrives, and a misspelled key is told.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/process.h"

namespace {

// The example's own file, with another endpoint, and what is added to it.
std::filesystem::path file_for(const std::string& endpoint, const std::string& added = "") {
  std::ifstream own(EXAMPLE_FILE);
  std::string text{std::istreambuf_iterator<char>(own), {}};
  const std::string there = "http://localhost:14268/api/traces";
  text.replace(text.find(there), there.size(), endpoint);
  const auto path = std::filesystem::temp_directory_path() / ("jtrace-example-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(path) << text << added;
  return path;
}

}  // namespace

TEST_CASE("the example is configured by its file, and says so") {
  const support::HttpServer server;
  const auto path = file_for(server.endpoint());
  const support::Outcome outcome = support::run({EXAMPLE_CONFIG_FILE, path.string()});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.out.find("service_name = orders  (" + path.string() + ":2)") != std::string::npos);
  REQUIRE(server.requests().size() == 1);
  const support::SentBatch batch = support::decode_batch(server.requests()[0].body);
  CHECK(batch.service == "orders");
  REQUIRE(batch.process_tag("region"));
  CHECK(batch.process_tag("region")->text == "eu");
  CHECK(batch.spans.at(0).name == "work");
  std::filesystem::remove(path);
}

TEST_CASE("a misspelled key in the file is told with the one that was meant") {
  const auto path = file_for("http://127.0.0.1:9/api/traces", "servise_name: x\n");
  const support::Outcome outcome = support::run({EXAMPLE_CONFIG_FILE, path.string()});
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.find("was service_name meant?") != std::string::npos);
  std::filesystem::remove(path);
}
