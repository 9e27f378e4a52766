// How spans are sent: what endpoint, agent and protocol mean together, in code and in the environment.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config/read_settings.h"
#include "support/environment.h"

namespace {

using namespace jtrace::detail;
using support::Environment;
using Code = std::vector<ConfigView>;

Settings settings(const Code& code = {}) {
  SettingsOrError read = read_settings(code);
  CHECK(read.error.message() == "");
  return read.settings;
}
std::string error(const Code& code = {}) { return read_settings(code).error.message(); }

constexpr const char* kEndpoint = "http://h:14268/api/traces";

}  // namespace

TEST_CASE("an agent switches tracing on, by UDP, compact, on port 6831") {
  const Environment host("JAEGER_AGENT_HOST", "agent.example");
  const Settings read = settings();
  CHECK(read.is_on());
  CHECK(read.protocol == Protocol::udp_compact);
  CHECK(read.destination() == "udp://agent.example:6831");
  CHECK(read.agent.max_packet_bytes == 65000);
}

TEST_CASE("a port alone means the agent of this host; brackets around an address do not count") {
  const Environment port("JAEGER_AGENT_PORT", "16831");
  CHECK(settings().destination() == "udp://localhost:16831");
  CHECK(settings({{"local_agent.reporting_host", "[::1]"}}).destination() == "udp://[::1]:16831");
  CHECK(settings({{"local_agent.reporting_host", "::1"}}).agent.host == "::1");
}

TEST_CASE("of endpoint and agent the endpoint counts") {
  const Environment host("JAEGER_AGENT_HOST", "agent.example"), endpoint("JAEGER_ENDPOINT", kEndpoint);
  CHECK(settings().protocol == Protocol::http_thrift);
  CHECK(settings().destination() == kEndpoint);
  CHECK(settings({{"local_agent.reporting_host", "a"}, {"endpoint", kEndpoint}}).protocol == Protocol::http_thrift);
}

TEST_CASE("an agent in code beats an endpoint in the environment") {
  const Environment endpoint("JAEGER_ENDPOINT", kEndpoint);
  CHECK(settings({{"local_agent.reporting_host", "192.168.2.57"}, {"local_agent.reporting_port", "6831"}}).destination() ==
        "udp://192.168.2.57:6831");
  const Environment host("JAEGER_AGENT_HOST", "agent.example");
  CHECK(settings().protocol == Protocol::http_thrift);
}

TEST_CASE("a protocol that is named decides") {
  const Environment endpoint("JAEGER_ENDPOINT", "h");
  CHECK(settings({{"protocol", "udp/thrift.compact"}}).destination() == "udp://localhost:6831");
  CHECK(settings({{"protocol", "udp/thrift.binary"}}).destination() == "udp://localhost:6832");
  CHECK(settings({{"protocol", "http/thrift.binary"}, {"local_agent.reporting_host", "a"}}).destination() == kEndpoint);
  CHECK(settings({{"protocol", "http/json"}}).destination() == "http://h:4318/v1/traces");
  CHECK(settings({{"protocol", "http/protobuf"}, {"endpoint", "https://h"}}).destination() == "https://h/v1/traces");
}

TEST_CASE("an endpoint whose path is that of OTLP means OTLP") {
  CHECK(settings({{"endpoint", "http://h:4318/v1/traces"}}).protocol == Protocol::http_protobuf);
  CHECK(settings({{"endpoint", "http://h/prefix/v1/traces?k=v"}}).protocol == Protocol::http_protobuf);
  CHECK(settings({{"endpoint", "http://h:4318/v1/traces"}, {"protocol", "http/json"}}).protocol == Protocol::http_json);
  CHECK(settings({{"endpoint", "http://h:4318/v1/traces"}, {"protocol", "http/thrift.binary"}}).protocol == Protocol::http_thrift);
}

TEST_CASE("a protocol without a far side leaves tracing off, and disabled beats an agent") {
  CHECK_FALSE(settings().is_on());
  CHECK_FALSE(settings({{"protocol", "http/thrift.binary"}}).is_on());
  CHECK_FALSE(settings({{"local_agent.reporting_host", "a"}, {"disabled", "true"}}).is_on());
}

TEST_CASE("a wrong agent, port, size or protocol is an error that says what is allowed") {
  CHECK(error({{"local_agent.reporting_host", "udp://h"}}) ==
        "local_agent.reporting_host=\"udp://h\": allowed is the name or address of a host, without port");
  CHECK(error({{"local_agent.reporting_host", "h:6831"}}) ==
        "local_agent.reporting_host=\"h:6831\": allowed is the name or address of a host, without port");
  for (const char* port : {"0", "65536", "-1", "6831x", "1.5"})
    CHECK(error({{"local_agent.reporting_port", port}}) ==
          "local_agent.reporting_port=\"" + std::string(port) + "\": allowed is a port, 1 to 65535");
  CHECK(error({{"local_agent.max_packet_bytes", "70000"}}) ==
        "local_agent.max_packet_bytes=\"70000\": allowed is a size from 1024 to 65507");
  const Environment protocol("JTRACE_PROTOCOL", "grpc");
  CHECK(error() == "JTRACE_PROTOCOL=\"grpc\": allowed is http/thrift.binary, udp/thrift.compact, udp/thrift.binary, "
                   "http/protobuf or http/json");
}
