// jtrace-send and jtrace-collector, both real: what the one sends the other shows.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "collector_process.h"
#include "support/process.h"

namespace {

support::Outcome send(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), JTRACE_SEND);
  return support::run(std::move(arguments));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a trace is delivered, verified, and linked to the collector's own page") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const support::Outcome outcome = send({"-e", collector.endpoint(), "--verify", collector.query()});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "verified: 1 trace"));
  CHECK(contains(outcome.out, collector.query().substr(0, collector.query().rfind('/')) + "/trace/"));
}

TEST_CASE("hundreds of traces with errors and tags are verified, every one") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const support::Outcome outcome =
      send({"-e", collector.endpoint(), "--verify", collector.query(), "-n", "500", "--error-rate", "0.1",
            "--tags", "team=blue,list=1,2", "--service", "测试应用名称"});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "3,000 spans: 3,000 acknowledged, 0 failed"));
  CHECK(contains(outcome.out, "verified: 500 traces"));
}

TEST_CASE("traces with 64-bit ids are verified, too") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const support::Outcome outcome =
      support::run({JTRACE_SEND, "-n", "3", "--verify", collector.query()},
                   {{"JAEGER_ENDPOINT", collector.endpoint()}, {"JAEGER_TRACEID_128BIT", "false"}});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "trace 0000000000000000"));
}

TEST_CASE("traces that the collector had to forget are not called visible") {
  CollectorProcess collector(JTRACE_COLLECTOR, {"--max-memory", "64KiB"});
  const support::Outcome outcome =
      send({"-e", collector.endpoint(), "--verify", collector.query(), "-n", "2000", "--timeout", "1s"});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 5);
  CHECK(contains(outcome.err, "it is not there"));
}

TEST_CASE("the collector's page port and a wrong path of it are refused") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const std::string root = collector.endpoint().substr(0, collector.endpoint().find("/api"));
  CHECK(send({"-e", collector.query()}).exit_code == 4);
  CHECK(send({"-e", root + "/spans"}).exit_code == 4);
}
