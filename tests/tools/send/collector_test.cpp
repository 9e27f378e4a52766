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

TEST_CASE("what is sent to an agent arrives, by either protocol, with every span") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  for (const bool is_binary : {false, true}) {
    std::vector<std::string> arguments = {"--agent-host", "127.0.0.1", "--agent-port", is_binary ? collector.binary_port() : collector.compact_port(),
                                          "--verify", collector.query(), "-n", "200", "--error-rate", "0.1", "--tags", "team=blue"};
    if (is_binary) arguments.insert(arguments.end(), {"--protocol", "udp/thrift.binary"});
    const support::Outcome outcome = send(arguments);
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "1,200 spans: 1,200 acknowledged, 0 failed"));
    CHECK(contains(outcome.out, "verified: 200 traces"));
  }
}

TEST_CASE("what is sent as OTLP arrives, in JSON and in protobuf, with every span") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const std::string host = collector.otlp().substr(0, collector.otlp().rfind("/v1"));
  for (const std::vector<std::string>& way : {std::vector<std::string>{"-e", collector.otlp()}, {"-e", host, "--protocol", "http/json"}}) {
    std::vector<std::string> arguments = {"--verify", collector.query(), "-n", "100", "--error-rate", "0.1", "--tags", "team=blue"};
    arguments.insert(arguments.end(), way.begin(), way.end());
    const support::Outcome outcome = send(arguments);
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "600 spans: 600 acknowledged, 0 failed"));
    CHECK(contains(outcome.out, "verified: 100 traces"));
  }
}

TEST_CASE("the agent may be named in the environment; an endpoint goes before it") {
  CollectorProcess collector(JTRACE_COLLECTOR);
  const support::Outcome outcome = support::run({JTRACE_SEND, "--verify", collector.query()},
                                                {{"JAEGER_AGENT_HOST", "127.0.0.1"}, {"JAEGER_AGENT_PORT", collector.compact_port()}});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  const support::Outcome other = support::run({JTRACE_SEND, "--verify", collector.query()},
                                              {{"JAEGER_AGENT_HOST", "127.0.0.1"}, {"JAEGER_AGENT_PORT", "9"}, {"JAEGER_ENDPOINT", collector.endpoint()}});
  INFO(other.describe());
  CHECK(other.exit_code == 0);
}

TEST_CASE("an agent that nobody is, is told so, at once") {
  std::string port;
  {
    const CollectorProcess gone(JTRACE_COLLECTOR);
    port = gone.compact_port();
  }
  const support::Outcome outcome = send({"--agent-host", "127.0.0.1", "--agent-port", port});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 3);
  CHECK(contains(outcome.err, "Nobody listens at udp://127.0.0.1:" + port));
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
