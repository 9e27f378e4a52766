// What a real Jaeger says of what jtrace sent: ids, names, tags with their types, logs, references and times, read
// back through its query API. Both generations are asked where both are found.
#include <doctest/doctest.h>
#include <jtrace/carriers.h>
#include <jtrace/jtrace.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "jaeger.h"

using namespace std::chrono_literals;
using jaeger::Jaeger;
using nlohmann::json;

namespace {

// Started once each, ended with the program.
const std::vector<std::unique_ptr<Jaeger>>& jaegers() {
  static const auto started = [] {
    std::vector<std::unique_ptr<Jaeger>> all;
    const jaeger::Programs programs = jaeger::find_programs();
    for (const std::string& program : programs.jaegers) all.push_back(std::make_unique<Jaeger>(program, programs.agent));
    if (all.empty()) {
      std::puts("skipped: no Jaeger here. tools/jaeger.sh builds both generations where Go is installed; or name one:"
                " JTRACE_TEST_JAEGER=/path/to/jaeger");
      std::fflush(stdout);
      std::_Exit(77);
    }
    for (const auto& jaeger : all) {
      if (!jaeger->has_udp()) std::printf("no UDP for %s: tools/jaeger.sh builds Jaeger's last agent\n", jaeger->program().c_str());
    }
    return all;
  }();
  return started;
}

// A way into a Jaeger that it has.
struct Way {
  const Jaeger* jaeger;
  std::string protocol;

  const Jaeger* operator->() const { return jaeger; }
  bool is_udp() const { return protocol.starts_with("udp"); }
  std::string agent_host() const { return is_compact() ? jaeger->compact_host() : jaeger->binary_host(); }
  int agent_port() const { return is_compact() ? jaeger->compact_port() : jaeger->binary_port(); }
  std::string endpoint() const { return protocol == "http/thrift.binary" ? jaeger->endpoint() : jaeger->otlp_endpoint(); }
  std::string name() const { return jaeger->program() + " by " + protocol; }

 private:
  bool is_compact() const { return protocol == "udp/thrift.compact"; }
};

const std::vector<Way>& ways() {
  static const auto all = [] {
    std::vector<Way> found;
    for (const auto& jaeger : jaegers()) {
      found.push_back({jaeger.get(), "http/thrift.binary"});
      found.push_back({jaeger.get(), "http/protobuf"});
      found.push_back({jaeger.get(), "http/json"});
      if (!jaeger->has_udp()) continue;
      found.push_back({jaeger.get(), "udp/thrift.compact"});
      found.push_back({jaeger.get(), "udp/thrift.binary"});
    }
    return found;
  }();
  return all;
}

jtrace::Tracer tracer_to(const Way& way, const char* service) {
  jtrace::Config config{.service_name = service, .protocol = way.protocol, .tags = {{"region", "eu"}, {"expression", "a=b"}}};
  if (way.is_udp()) {
    config.local_agent.reporting_host = way.agent_host();
    config.local_agent.reporting_port = way.agent_port();
  } else {
    config.endpoint = way.endpoint();
  }
  auto made = jtrace::make_tracer(config);
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}
jtrace::Tracer tracer_to(const Jaeger& jaeger, const char* service) { return tracer_to({&jaeger, "http/thrift.binary"}, service); }

// Everything is acknowledged and the books are balanced.
void finish(const jtrace::Tracer& tracer) {
  CHECK(tracer.close(30s));
  const jtrace::Stats stats = tracer.stats();
  CHECK(stats.acknowledged == stats.finished);
  CHECK(stats.is_balanced());
}

json span_named(const json& trace, const std::string& name) {
  for (const json& span : trace["spans"]) {
    if (span["operationName"] == name) return span;
  }
  FAIL("no span " << name << " in " << trace.dump(1));
  return {};
}

// "type value" of a tag or field, or "none".
std::string tag(const json& tags, const std::string& key) {
  for (const json& tag : tags) {
    if (tag["key"] != key) continue;
    const json& value = tag["value"];
    return tag["type"].get<std::string>() + " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return "none";
}

std::string reference(const json& span, const std::string& type) {
  for (const json& reference : span["references"]) {
    if (reference["refType"] == type) return reference["traceID"].get<std::string>() + " " + reference["spanID"].get<std::string>();
  }
  return "none";
}

std::string name_of(const jtrace::SpanContext& context) {
  return context.trace_id().hex().str() + " " + context.span_id().hex().str();
}

std::int64_t micros(jtrace::Timestamp at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

}  // namespace

TEST_CASE("a tag arrives with its type and its value") {
  for (const Way& jaeger : ways()) {
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "测试应用名称");
    std::string id;
    {
      auto span = tracer.start_span("tags");
      id = span.context().trace_id().hex().str();
      span.set_tag("minus", -1).set_tag("least", std::numeric_limits<std::int64_t>::min());
      span.set_tag("most", std::numeric_limits<std::uint64_t>::max()).set_tag("fraction", 0.1);
      span.set_tag("yes", true).set_tag("no", false).set_tag("text", "größer 测试").set_tag("empty", "");
      span.set_tag("bytes", jtrace::bytes("\0\xff\x01", 3)).set_tag("twice", 1).set_tag("twice", "last");
    }
    finish(tracer);
    const json trace = jaeger->trace(id, 1);
    REQUIRE_FALSE(trace.is_null());
    CHECK(trace["traceID"] == id);
    const json tags = span_named(trace, "tags")["tags"];
    CHECK(tag(tags, "minus") == "int64 -1");
    CHECK(tag(tags, "least") == "int64 -9223372036854775808");
    CHECK(tag(tags, "most") == "string 18446744073709551615");
    CHECK(tag(tags, "fraction") == "float64 0.1");
    CHECK(tag(tags, "yes") == "bool true");
    CHECK(tag(tags, "no") == "bool false");
    CHECK(tag(tags, "text") == "string größer 测试");
    CHECK(tag(tags, "empty") == "string ");
    CHECK(tag(tags, "bytes") == "binary AP8B");
    CHECK(tag(tags, "twice") == "string last");
    CHECK(tag(tags, "sampler.type") == "string const");
    CHECK(tag(tags, "sampler.param") == "bool true");
  }
}

TEST_CASE("the process arrives with its name and its tags") {
  for (const Way& jaeger : ways()) {
    if (jaeger.protocol.starts_with("http/") && jaeger.protocol != "http/thrift.binary") continue;  // OTLP has other names for them
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "测试应用名称");
    auto span = tracer.start_span("process");
    const std::string id = span.context().trace_id().hex().str();
    span.finish();
    finish(tracer);
    const json trace = jaeger->trace(id, 1);
    REQUIRE_FALSE(trace.is_null());
    const json process = trace["processes"][span_named(trace, "process")["processID"].get<std::string>()];
    CHECK(process["serviceName"] == "测试应用名称");
    CHECK(tag(process["tags"], "region") == "string eu");
    CHECK(tag(process["tags"], "expression") == "string a=b");
    CHECK(tag(process["tags"], "ip") != "none");
    const bool second = jaeger->is_second_generation();
    CHECK(tag(process["tags"], second ? "host.name" : "hostname") != "none");
    CHECK(tag(process["tags"], second ? "opencensus.exporterversion" : "jaeger.version") ==
          std::string(second ? "string Jaeger-" : "string ") + "jtrace-" + jtrace::version());
  }
}

TEST_CASE("parents, references, kinds, logs, errors and times arrive") {
  const jtrace::Timestamp begin = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()) - 1s;
  for (const Way& jaeger : ways()) {
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "shapes");
    jtrace::SpanContext root_context, child_context, other_context;
    {
      auto other = tracer.start_span("other", {.child_of = jtrace::root});
      auto root = tracer.start_active_span("root", {.kind = jtrace::Kind::server, .start_time = begin});
      auto child = tracer.start_span("child", {.follows_from = other, .kind = jtrace::Kind::client, .start_time = begin + 10ms});
      child.log("sent", {{"bytes", 512}}, begin + 15ms).set_error("refused");
      root_context = root.span().context();
      child_context = child.context();
      other_context = other.context();
      child.finish(begin + 30ms);
      root->finish(begin + 50ms);
    }
    finish(tracer);
    const json trace = jaeger->trace(root_context.trace_id().hex().str(), 2);
    REQUIRE_FALSE(trace.is_null());
    const json root = span_named(trace, "root"), child = span_named(trace, "child");
    CHECK(root["spanID"] == root_context.span_id().hex().str());
    CHECK(child["spanID"] == child_context.span_id().hex().str());
    CHECK(reference(root, "CHILD_OF") == "none");
    CHECK(reference(child, "CHILD_OF") == name_of(root_context));
    CHECK(reference(child, "FOLLOWS_FROM") == name_of(other_context));
    CHECK(tag(root["tags"], "span.kind") == "string server");
    CHECK(tag(child["tags"], "span.kind") == "string client");
    CHECK(tag(child["tags"], "error") == "bool true");
    CHECK(tag(root["tags"], "error") == "none");
    CHECK(root["startTime"] == micros(begin));
    CHECK(root["duration"] == 50'000);
    CHECK(child["startTime"] == micros(begin + 10ms));
    CHECK(child["duration"] == 20'000);
    REQUIRE(child["logs"].size() == 2);
    bool seen = false;
    for (const json& log : child["logs"]) {
      if (tag(log["fields"], "event") != "string sent") continue;
      seen = true;
      CHECK(log["timestamp"] == micros(begin + 15ms));
      CHECK(tag(log["fields"], "bytes") == "int64 512");
    }
    CHECK(seen);
  }
}

TEST_CASE("text that is no UTF-8 arrives with replacement characters, and the span is stored") {
  for (const Way& jaeger : ways()) {
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "bad \xff name");
    auto span = tracer.start_span("op \xc3(");
    const std::string id = span.context().trace_id().hex().str();
    span.set_tag("text", "a\xe2\x82z");
    span.finish();
    finish(tracer);
    const json trace = jaeger->trace(id, 1);
    REQUIRE_FALSE(trace.is_null());
    const json found = span_named(trace, "op \uFFFD(");
    CHECK(tag(found["tags"], "text") == "string a\uFFFDz");
    CHECK(trace["processes"][found["processID"].get<std::string>()]["serviceName"] == "bad \uFFFD name");
  }
}

TEST_CASE("a shortest span lasts a microsecond and draws no warning") {
  for (const Way& jaeger : ways()) {
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "short");
    const auto at = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    auto span = tracer.start_span("short", {.start_time = at});
    const std::string id = span.context().trace_id().hex().str();
    span.finish(at - 1s);
    finish(tracer);
    const json trace = jaeger->trace(id, 1);
    REQUIRE_FALSE(trace.is_null());
    const json found = span_named(trace, "short");
    CHECK(found["duration"] == 1);
    CHECK((found["warnings"].is_null() || found["warnings"].empty()));
  }
}

TEST_CASE("what does not fit one datagram goes in several, and all of it arrives") {
  constexpr int kSpans = 500;  // small ones, so that the first datagram is filled to the last hundred bytes that agents read
  for (const Way& jaeger : ways()) {
    if (!jaeger.is_udp()) continue;
    CAPTURE(jaeger.name());
    const auto tracer = tracer_to(jaeger, "datagrams");
    std::string id;
    {
      auto root = tracer.start_active_span("root");
      id = root.span().context().trace_id().hex().str();
      for (int i = 1; i < kSpans; ++i) tracer.start_span("child").set_tag("text", std::string(100, 'x')).finish();
    }
    finish(tracer);
    CHECK(tracer.stats().batches >= 2);
    CHECK(tracer.stats().bytes > 65'000);
    CHECK_FALSE(jaeger->trace(id, kSpans).is_null());
  }
}

TEST_CASE("a large burst arrives whole") {
  constexpr int kSpans = 20'000;
  for (const auto& jaeger : jaegers()) {
    CAPTURE(jaeger->program());
    const auto tracer = tracer_to(*jaeger, "burst");
    std::string id;
    {
      auto root = tracer.start_active_span("root");
      id = root.span().context().trace_id().hex().str();
      for (int i = 1; i < kSpans; ++i) tracer.start_span("child").set_tag("i", i).finish();
    }
    finish(tracer);
    const json trace = jaeger->trace(id, kSpans);
    CHECK_FALSE(trace.is_null());
  }
}

TEST_CASE("the sampler remote follows what Jaeger says, and its roots say so") {
  struct Server {
    const Jaeger* jaeger;
    std::string endpoint;  // empty: the port that is 5778 by default
  };
  std::vector<Server> servers;
  for (const auto& jaeger : jaegers()) {
    if (!jaeger->is_second_generation()) servers.push_back({jaeger.get(), jaeger->sampling()});
    if (const int port = jaeger->sampling_port(); port != 0) {
      servers.push_back({jaeger.get(), ""});
      servers.push_back({jaeger.get(), "http://127.0.0.1:" + std::to_string(port) + "/"});  // enums as numbers, from either
    }
  }
  for (const auto& [jaeger, endpoint] : servers) {
    CAPTURE(jaeger->program());
    CAPTURE(endpoint);
    const auto sampled_by = [jaeger = jaeger, endpoint = endpoint](const char* service) {
      jtrace::Config config;
      config.service_name = service;
      config.endpoint = jaeger->endpoint();
      config.sampler.type = "remote";
      config.sampler.param = 0;
      if (endpoint.empty()) {
        config.sampler.manager_host_port = "127.0.0.1:" + std::to_string(jaeger->sampling_port());
      } else {
        config.sampler.endpoint = endpoint;
      }
      auto made = jtrace::make_tracer(config);
      REQUIRE_MESSAGE(made, made.error().message());
      while (made->stats().sampler_updates.ok == 0) {
        const auto stats = made->stats();
        REQUIRE(stats.sampler_queries.err + stats.sampler_updates.err == 0);
        std::this_thread::yield();
      }
      return *made;
    };
    const auto other = sampled_by("other"), limited = sampled_by("limited"), shop = sampled_by("shop");
    int all = 0, within_limit = 0, paid = 0, looked = 0, half = 0;
    std::string pay, limit;
    for (int i = 0; i < 1000; ++i) {
      all += other.start_span("op").is_sampled();
      const auto one = limited.start_span("op"), two = shop.start_span("pay");
      within_limit += one.is_sampled();
      paid += two.is_sampled();
      if (one.is_sampled()) limit = one.context().trace_id().hex().str();
      if (two.is_sampled()) pay = two.context().trace_id().hex().str();
      looked += shop.start_span("look").is_sampled();
      half += shop.start_span("other").is_sampled();
    }
    CHECK(all == 1000);
    CHECK(within_limit >= 3);
    CHECK(within_limit < 100);
    CHECK(paid == 1000);
    CHECK(looked <= 10);  // Jaeger's lower bound
    CHECK(half > 500 - 4 * 16);
    CHECK(half < 500 + 4 * 16);
    finish(other);
    finish(limited);
    finish(shop);
    const json of_limit = jaeger->trace(limit, 1), of_pay = jaeger->trace(pay, 1);
    REQUIRE_FALSE(of_limit.is_null());
    REQUIRE_FALSE(of_pay.is_null());
    CHECK(tag(span_named(of_limit, "op")["tags"], "sampler.type") == "string ratelimiting");
    CHECK(tag(span_named(of_limit, "op")["tags"], "sampler.param").starts_with("float64 3"));
    CHECK(tag(span_named(of_pay, "pay")["tags"], "sampler.type") == "string probabilistic");
    CHECK(tag(span_named(of_pay, "pay")["tags"], "sampler.param").starts_with("float64 1"));
  }
}

TEST_CASE("what jtrace-send sends is seen by Jaeger, whole") {
  for (const Way& jaeger : ways()) {
    CAPTURE(jaeger.name());
    std::vector<std::string> command{JTRACE_SEND, "--protocol", jaeger.protocol, "--traces", "20", "--error-rate", "0.5",
                                     "--verify=" + jaeger->query()};
    if (jaeger.is_udp()) {
      command.insert(command.end(), {"--agent-host", jaeger.agent_host(), "--agent-port", std::to_string(jaeger.agent_port())});
    } else {
      command.insert(command.end(), {"--endpoint", jaeger.endpoint()});
    }
    const auto sent = support::run(command);
    CHECK_MESSAGE(sent.succeeded(), sent.describe());
  }
}

namespace {

using Write = std::function<std::vector<std::string>(const jtrace::Tracer&, const jtrace::SpanContext&, support::Variables&)>;

// The ways from a process to the next one: what is written into the child's environment, or the arguments that the child gets.
std::vector<std::string> into_environment(const jtrace::Tracer& tracer, const jtrace::SpanContext& context, support::Variables& variables) {
  jtrace::ChildEnvironment environment(std::vector<std::string>{});
  tracer.inject(context, environment);
  for (const std::string& variable : environment.variables())
    variables.emplace(variable.substr(0, variable.find('=')), variable.substr(variable.find('=') + 1));
  return {};
}
std::vector<std::string> as_headers(const jtrace::Tracer& tracer, const jtrace::SpanContext& context, support::Variables&) {
  std::string headers;
  tracer.inject(context, [&](std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  });
  return {"headers", headers};
}
std::vector<std::string> as_bytes(const jtrace::Tracer&, const jtrace::SpanContext& context, support::Variables&) {
  std::string digits;
  for (const char byte : jtrace::inject_binary(context)) {
    constexpr char kDigits[] = "0123456789abcdef";
    digits += kDigits[static_cast<unsigned char>(byte) >> 4];
    digits += kDigits[byte & 15];
  }
  return {"binary", digits};
}

void cross(const Jaeger& jaeger, const char* format, const Write& write) {
  auto made = jtrace::make_tracer({.service_name = "parent", .endpoint = jaeger.endpoint(), .propagation = format});
  REQUIRE(made.has_value());
  jtrace::SpanContext context;
  {
    auto client = made->start_span("client", {.kind = jtrace::Kind::client});
    client.set_baggage_item("user", "a b+c/\u00fc");
    context = client.context();
    support::Variables variables{{"JAEGER_ENDPOINT", jaeger.endpoint()}, {"JAEGER_PROPAGATION", format}};
    std::vector<std::string> command = write(*made, context, variables);
    command.insert(command.begin(), JTRACE_CHILD);
    const support::Outcome child = support::run(command, variables);
    REQUIRE_MESSAGE(child.succeeded(), child.describe());
    CHECK(child.out == "user=a b+c/\u00fc\n");
  }
  finish(*made);
  const json trace = jaeger.trace(context.trace_id().hex().str(), 3);
  REQUIRE_FALSE(trace.is_null());
  CHECK(reference(span_named(trace, "server"), "CHILD_OF") == name_of(context));
  CHECK(tag(span_named(trace, "server")["tags"], "sampler.type") == "none");
  CHECK(span_named(trace, "work")["references"].size() == 1);
  CHECK(trace["processes"].size() == 2);
}

}  // namespace

TEST_CASE("a trace goes on in another process by every format, and Jaeger shows it as one") {
  for (const auto& jaeger : jaegers()) {
    CAPTURE(jaeger->program());
    for (const char* format : {"jaeger", "w3c", "b3", "b3single", "jaeger,w3c"}) {
      CAPTURE(std::string(format));
      cross(*jaeger, format, into_environment);
      cross(*jaeger, format, as_headers);
    }
    cross(*jaeger, "jaeger", as_bytes);
  }
}
