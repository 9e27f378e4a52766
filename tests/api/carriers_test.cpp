// Raw header text, environments and binary carriers, as a user holds them; and what a tracer's settings make of inject and extract.
#include "jtrace/carriers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"
#include "support/environment.h"

namespace {

using namespace std::chrono_literals;
using jtrace::testing::Recorder;
using Map = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

const jtrace::SpanContext kContext({0x0102030405060708, 0x1112131415161718}, {0x2122232425262728}, true);
constexpr const char* kUber = "uber-trace-id: 01020304050607081112131415161718:2122232425262728:0:1\r\n";
constexpr const char* kParent = "traceparent: 00-01020304050607081112131415161718-2122232425262728-01\r\n";

// On, but nothing is ever sent.
jtrace::Tracer tracer_with(jtrace::Config config) {
  config.endpoint = "http://127.0.0.1:1";
  config.flush_interval = 1h;
  auto made = jtrace::make_tracer(config);
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}

std::string names(const Map& headers) {
  std::string all;
  for (const auto& [name, value] : headers) all += name + " ";
  return all;
}

std::string injected(const jtrace::Tracer& tracer) {
  Map headers;
  tracer.inject(kContext, headers);
  return names(headers);
}

Pairs seen(std::string_view text) {
  Pairs all;
  jtrace::RawHeaders(text).visit([&](std::string_view name, std::string_view value) { all.emplace_back(name, value); });
  return all;
}

}  // namespace

TEST_CASE("raw headers: lines of name and value, whatever ends them, up to an empty one") {
  const Pairs wanted{{"A", "1"}, {"b", "2: 3"}, {"C", ""}};
  CHECK(seen("A: 1\r\nb:\t 2: 3 \r\nC:\r\n\r\nd: 4\r\n") == wanted);
  CHECK(seen("A: 1\nb: 2: 3\nC:") == wanted);
  CHECK(seen("GET http://h:1/ HTTP/1.1\r\nA: 1\r\nno header\r\n: 5\r\nX Y: 6\r\nb: 2: 3\r\nC: \r\n") == wanted);
  CHECK(seen("").empty());
  CHECK(seen("\r\nA: 1").empty());
}

TEST_CASE("a raw header that goes on in a second line does not count, and is not half of one") {
  CHECK(seen("A: 1\r\n  2\r\nB: 3\r\n") == Pairs{{"B", "3"}});
  CHECK_FALSE(jtrace::extract(jtrace::RawHeaders("traceparent: 00-01020304050607081112131415161718-2122232425262728-01\r\n -x\r\n")).is_valid());
}

TEST_CASE("raw headers are written behind those that are there, before the empty line") {
  std::string text;
  jtrace::inject(kContext, jtrace::RawHeadersWriter(text));
  CHECK(text == std::string(kUber) + kParent);
  text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody: x";
  jtrace::inject(kContext, jtrace::RawHeadersWriter(text));
  CHECK(text == std::string("GET / HTTP/1.1\r\nHost: h\r\n") + kUber + kParent + "\r\nbody: x");
  text = "Host: h";
  jtrace::inject(kContext, jtrace::RawHeadersWriter(text));
  CHECK(text == std::string("Host: h\r\n") + kUber + kParent);
  CHECK(jtrace::extract(jtrace::RawHeaders(text)) == kContext);
}

TEST_CASE("a raw header that is there already is replaced, with all its lines") {
  std::string text = "Traceparent: old\r\n\tolder\r\nHost: h\r\nUBER-TRACE-ID: old\r\ntraceparent: oldest\r\n\r\n";
  jtrace::inject(kContext, jtrace::RawHeadersWriter(text));
  CHECK(text == std::string("Host: h\r\n") + kUber + kParent + "\r\n");
}

TEST_CASE("a child's environment has the context beside what was there, once") {
  jtrace::ChildEnvironment environment(std::vector<std::string>{"PATH=/bin", "TRACEPARENT=old"});
  jtrace::inject(kContext, environment);
  jtrace::inject(kContext, environment);
  CHECK(environment.variables() ==
        std::vector<std::string>{"PATH=/bin", "UBER_TRACE_ID=01020304050607081112131415161718:2122232425262728:0:1",
                                 "TRACEPARENT=00-01020304050607081112131415161718-2122232425262728-01"});
  char* const* data = environment.data();
  CHECK(std::string(data[0]) == "PATH=/bin");
  CHECK(data[3] == nullptr);
}

TEST_CASE("a child's environment is a copy of this one's to begin with") {
  const support::Environment environment("JTRACE_TEST_CARRIER", "x");
  const jtrace::ChildEnvironment child;
  CHECK(std::find(child.variables().begin(), child.variables().end(), "JTRACE_TEST_CARRIER=x") != child.variables().end());
}

TEST_CASE("what a parent process left in the environment is extracted, baggage and its keys too") {
  Recorder recorder;
  auto span = jtrace::start_span("parent");
  span.set_baggage_item("user-id", "a b+c/\u00fc").set_baggage_item("snake_case", "1");
  jtrace::ChildEnvironment child(std::vector<std::string>{});
  jtrace::inject(span.context(), child);
  std::list<support::Environment> environment;
  for (const std::string& variable : child.variables()) {
    const std::size_t equals = variable.find('=');
    environment.emplace_back(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str());
  }
  const jtrace::SpanContext found = jtrace::extract(jtrace::OwnEnvironment());
  CHECK(found == span.context());
  CHECK(found.baggage_item("user-id") == "a b+c/\u00fc");
  CHECK(found.baggage_item("snake_case") == "1");
  int items = 0;
  found.visit_baggage([&](std::string_view, std::string_view) { ++items; });
  CHECK(items == 2);
}

TEST_CASE("the binary form goes there and back, and what is no such thing is no context") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  span.set_baggage_item("k", "v");
  const jtrace::SpanContext found = jtrace::extract_binary(jtrace::inject_binary(span.context()));
  CHECK(found == span.context());
  CHECK(found.baggage_item("k") == "v");
  CHECK(jtrace::inject_binary(jtrace::SpanContext()).empty());
  CHECK_FALSE(jtrace::extract_binary("nonsense").is_valid());
  CHECK(recorder.tracer().stats().span_context_decoding_errors == 1);
}

TEST_CASE("the list of formats is a setting of the tracer, in Jaeger's words") {
  CHECK(injected(tracer_with({})) == "traceparent uber-trace-id ");
  CHECK(injected(tracer_with({.propagation = "w3c"})) == "traceparent ");
  CHECK(injected(tracer_with({.propagation = "b3"})) == "x-b3-sampled x-b3-spanid x-b3-traceid ");
  CHECK(injected(tracer_with({.propagation = " B3-Single , jaeger,"})) == "b3 uber-trace-id ");
  CHECK(injected(tracer_with({.propagation = "none"})) == "");
  CHECK(injected(tracer_with({.propagation = "jaeger", .trace_id_header = "X-Trace"})) == "x-trace ");
  const Map b3{{"b3", "000000000000000a-000000000000000b-1"}};
  CHECK(tracer_with({.propagation = "b3"}).extract(b3).is_valid());
  CHECK_FALSE(tracer_with({}).extract(b3).is_valid());
}

TEST_CASE("the environment says it in Jaeger's words, else in OpenTelemetry's; code says it first") {
  {
    const support::Environment by_jaeger("JAEGER_PROPAGATION", "b3"), by_otel("OTEL_PROPAGATORS", "jaeger");
    CHECK(injected(tracer_with({})) == "x-b3-sampled x-b3-spanid x-b3-traceid ");
    CHECK(injected(tracer_with({.propagation = "w3c"})) == "traceparent ");
  }
  const support::Environment by_otel("OTEL_PROPAGATORS", "b3,xray,tracecontext");
  CHECK(injected(tracer_with({})) == "b3 traceparent ");
}

TEST_CASE("a format or a header's name that does not exist is an error that names it") {
  auto made = jtrace::make_tracer({.propagation = "jaeger,w4c"});
  REQUIRE_FALSE(made);
  CHECK(made.error().message() == "propagation=\"jaeger,w4c\": allowed is a list of jaeger, w3c, tracecontext, baggage, b3, b3multi and "
                                  "b3-single, or none");
  CHECK_FALSE(jtrace::make_tracer({.trace_id_header = "a b"}));
  CHECK_FALSE(jtrace::make_tracer({.baggage_header_prefix = ""}));
  CHECK_FALSE(jtrace::make_tracer({.debug_id_header = std::string(64, 'x')}));
  CHECK_FALSE(jtrace::make_tracer({.baggage = {.max_items = 1001}}));
  CHECK_FALSE(jtrace::make_tracer({.baggage = {.max_value_bytes = -1}}));
  CHECK_FALSE(jtrace::make_tracer({.baggage = {.allowed = "a:b"}}));
}

TEST_CASE("the headers of those who debug by hand have names of their own too, and work beside every format") {
  for (const char* list : {"jaeger", "w3c", "b3"}) {
    const auto tracer = tracer_with({.propagation = list, .debug_id_header = "X-Debug", .baggage_header = "x-items"});
    const auto found = tracer.extract(Pairs{{"x-debug", "my%20bug"}, {"X-Items", "a=1, b=2"}});
    CHECK_FALSE(found.is_valid());
    const auto context = tracer.start_span("x", {.child_of = found}).context();
    CHECK(context.is_debug());
    CHECK(context.baggage_item("a") == "1");
    CHECK(context.baggage_item("b") == "2");
    CHECK(context.baggage_item("jaeger-debug-id").empty());
    CHECK_FALSE(tracer.start_span("x", {.child_of = tracer.extract(Pairs{{"jaeger-debug-id", "x"}})}).context().is_debug());
  }
}

TEST_CASE("inject and extract without a tracer go by the active span's") {
  const auto tracer = tracer_with({.propagation = "b3single"});
  auto span = tracer.start_active_span("x");
  Map headers;
  jtrace::inject(headers);
  CHECK(names(headers) == "b3 ");
  CHECK(jtrace::extract(headers) == span->context());
}

TEST_CASE("malformed headers are counted by the tracer that reads them, on whatever thread") {
  const auto tracer = tracer_with({});
  CHECK_FALSE(tracer.extract(Pairs{{"uber-trace-id", "x"}, {"traceparent", "y"}}).is_valid());
  CHECK(tracer.stats().span_context_decoding_errors == 2);
  std::thread([&] { CHECK_FALSE(tracer.extract(Pairs{{"uber-trace-id", ""}}).is_valid()); }).join();
  CHECK(tracer.stats().span_context_decoding_errors == 3);
  CHECK(tracer.extract(Pairs{{"uber-trace-id", "1:2:0:1"}, {"other", "x"}}).is_valid());
  CHECK(tracer.stats().span_context_decoding_errors == 3);
}

TEST_CASE("tracestate and the random flag go through a service, its spans and their children") {
  Recorder recorder;
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  for (const char* flags : {"00", "01", "02", "03"}) {
    CAPTURE(std::string(flags));
    const Map in{{"traceparent", "00-" + trace + "-00f067aa0ba902b7-" + flags}, {"tracestate", "a=1,b=2"}};
    for (const bool has_state : {true, false}) {
      Map given = in;
      if (!has_state) given.erase("tracestate");
      auto server = jtrace::start_active_span("server", {.child_of = jtrace::extract(given)});
      auto middle = jtrace::start_active_span("middle");
      auto client = jtrace::start_active_span("client");
      Map out;
      jtrace::inject(out);
      CHECK(out["traceparent"].substr(0, 36) == "00-" + trace + "-");
      CHECK(out["traceparent"].substr(53) == flags);
      CHECK(out["tracestate"] == (has_state ? "a=1,b=2" : ""));
    }
  }
}

TEST_CASE("a trace that begins here has a random id, and says so") {
  Recorder recorder;
  auto root = jtrace::start_active_span("root");
  auto child = jtrace::start_active_span("child");
  CHECK(root->context().has_random_trace_id());
  CHECK(child->context().has_random_trace_id());
  Map out;
  jtrace::inject(out);
  CHECK(out["traceparent"].ends_with("-03"));
  recorder.sample(false);
  auto unsampled = jtrace::start_active_span("unsampled", {.child_of = jtrace::root});
  jtrace::inject(out);
  CHECK(out["traceparent"].ends_with("-02"));
}

TEST_CASE("a trace of which nobody said that its id is random is not said to be, however long it goes on") {
  Recorder recorder;
  auto server = jtrace::start_active_span("server", {.child_of = jtrace::extract(Map{{"uber-trace-id", "1:2:0:1"}})});
  auto client = jtrace::start_active_span("client");
  Map out;
  jtrace::inject(out);
  CHECK(out["traceparent"].ends_with("-01"));
  CHECK(recorder.tracer().stats().started == 2);
}

TEST_CASE("B3 without a sampling state lets the sampler decide, and a decision alone is kept by the new trace") {
  const std::string ids = "000000000000000a-000000000000000b";
  for (const int keep : {0, 1}) {
    const auto tracer = tracer_with({.sampler = {.type = "const", .param = keep}, .propagation = "b3"});
    const auto start = [&](const std::string& value) {
      return tracer.start_span("x", {.child_of = tracer.extract(Map{{"b3", value}})}).context();
    };
    CHECK(start(ids).is_sampled() == (keep == 1));
    CHECK(start(ids).trace_id().low == 0xa);
    CHECK(start(ids + "-1").is_sampled());
    CHECK_FALSE(start(ids + "-0").is_sampled());
    CHECK(start(ids + "-d").is_debug());
    CHECK_FALSE(start("0").is_sampled());
    CHECK(start("0").is_valid());
    CHECK(start("1").is_sampled());
    CHECK(start("d").is_debug());
    // Children, and what lies between, go the same way.
    auto server = tracer.start_active_span("server", {.child_of = tracer.extract(Map{{"b3", ids}})});
    CHECK(tracer.start_span("child").context().is_sampled() == (keep == 1));
    auto scope = jtrace::activate(tracer.extract(Map{{"b3", ids}}));
    CHECK(tracer.start_span("child").context().is_sampled() == (keep == 1));
  }
}

TEST_CASE("baggage over a limit is not set, a value over its limit is cut on a character's border; both are counted and logged") {
  const auto tracer = tracer_with({.baggage = {.max_items = 2, .max_key_bytes = 3, .max_value_bytes = 4}});
  auto span = tracer.start_span("x");
  span.set_baggage_item("long", "1");
  CHECK_FALSE(span.context().has_baggage());
  span.set_baggage_item("a", "abc\u00fc");
  span.set_baggage_item("b", "1").set_baggage_item("c", "2").set_baggage_item("b", "3");
  const auto context = span.context();
  CHECK(context.baggage_item("a") == "abc");
  CHECK(context.baggage_item("b") == "3");
  CHECK(context.baggage_item("c").empty());
  CHECK(tracer.stats().baggage_dropped == 3);
  CHECK(tracer.stats().baggage_updates.ok == 3);
  CHECK(tracer.stats().baggage_updates.err == 2);
  CHECK(tracer.stats().baggage_truncations == 1);
}

TEST_CASE("where keys are listed, no others may be set, and each value is as long as it may be") {
  const auto tracer = tracer_with({.baggage = {.allowed = "user-id:3, plan"}});
  auto span = tracer.start_span("x");
  span.set_baggage_item("user-id", "12345").set_baggage_item("plan", "gold").set_baggage_item("other", "x");
  const auto context = span.context();
  CHECK(context.baggage_item("user-id") == "123");
  CHECK(context.baggage_item("plan") == "gold");
  CHECK(context.baggage_item("other").empty());
  CHECK(tracer.stats().baggage_dropped == 2);
  CHECK(tracer.stats().baggage_updates.err == 1);
  CHECK(tracer.stats().baggage_truncations == 1);
}

TEST_CASE("a trace counts once where it begins, and once more for each span whose parent is in another process") {
  const auto tracer = tracer_with({});
  const auto none = tracer_with({.sampler = {"const", 0}});
  const auto count = [](const jtrace::Tracer& t) {
    const jtrace::Stats s = t.stats();
    CHECK(s.started + s.not_sampled >= s.traces_started.sampled + s.traces_started.not_sampled + s.traces_joined.sampled + s.traces_joined.not_sampled);
    return std::to_string(s.traces_started.sampled) + " " + std::to_string(s.traces_started.not_sampled) + " " +
           std::to_string(s.traces_joined.sampled) + " " + std::to_string(s.traces_joined.not_sampled);
  };
  const std::map<std::string, std::string> kept{{"uber-trace-id", "1:2:0:1"}}, left{{"traceparent", "00-00000000000000000000000000000001-0000000000000002-00"}};
  {
    auto root = tracer.start_active_span("root");           // the usual start
    const auto child = tracer.start_active_span("child");
    tracer.start_span("by hand", {.child_of = root->context()}).finish();
  }
  tracer.start_span("root with options", {.kind = jtrace::Kind::server}).finish();
  CHECK(count(tracer) == "2 0 0 0");
  CHECK(tracer.stats().started == 4);
  {
    auto server = tracer.start_active_span("server", {.child_of = tracer.extract(kept)});
    tracer.start_span("below").finish();
    const auto context = server->context();
    const auto scope = jtrace::activate(context);
    tracer.start_span("below, too").finish();
  }
  CHECK(count(tracer) == "2 0 1 0");
  {
    const auto scope = jtrace::activate(tracer.extract(left));
    tracer.start_span("left").finish();
  }
  tracer.start_span("binary", {.child_of = jtrace::extract_binary(jtrace::inject_binary(tracer.extract(kept)))}).finish();
  CHECK(count(tracer) == "2 0 2 1");
  none.start_span("left").finish();
  none.start_span("left", {.kind = jtrace::Kind::server}).finish();
  CHECK(count(none) == "0 2 0 0");
  CHECK(none.stats().not_sampled == 2);
}

TEST_CASE("a trace whose first span asks by sampling.priority counts on the side that it asks for") {
  const auto all = tracer_with({});
  const auto none = tracer_with({.sampler = {"const", 0}});
  const std::map<std::string, std::string> kept{{"uber-trace-id", "1:2:0:1"}}, left{{"uber-trace-id", "1:2:0:0"}};
  const auto is = [](const jtrace::Stats::Traces& traces, std::uint64_t sampled, std::uint64_t not_sampled) {
    return traces.sampled == sampled && traces.not_sampled == not_sampled;
  };
  none.start_span("asks at its start", {.tags = {{"sampling.priority", 1}}}).finish();
  none.start_span("asks later").set_tag("sampling.priority", 1).finish();
  none.start_span("joins, and asks", {.child_of = none.extract(left), .tags = {{"sampling.priority", 1}}}).finish();
  none.start_span("left").finish();
  CHECK(is(none.stats().traces_started, 2, 1));
  CHECK(is(none.stats().traces_joined, 1, 0));
  CHECK(none.stats().started == 3);
  CHECK(none.stats().not_sampled == 1);

  all.start_span("asks at its start", {.tags = {{"sampling.priority", 0}}}).finish();
  all.start_span("joins, and asks later", {.child_of = all.extract(kept)}).set_tag("sampling.priority", 0).finish();
  all.start_span("kept").finish();
  CHECK(is(all.stats().traces_started, 1, 1));
  CHECK(is(all.stats().traces_joined, 0, 1));
  CHECK(all.stats().started == 1);
  CHECK(all.stats().not_sampled == 2);
}
