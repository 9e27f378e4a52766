// A trace through a service that is traced by Jaeger's own client for Python: jtrace, Python, jtrace, by both formats that it knows.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "jtrace/carriers.h"
#include "jtrace/jtrace.h"
#include "support/process.h"

namespace {

// Ends the program where there is none.
const std::string& python() {
  static const std::string found = [] {
    const support::Outcome outcome = support::run({"sh", FIND_CLIENT}, {}, std::chrono::minutes(3));
    if (!outcome.succeeded()) {
      std::fputs(outcome.out.c_str(), stdout);
      std::fflush(stdout);
      std::_Exit(outcome.exit_code == 77 ? 77 : 1);
    }
    return outcome.out.substr(0, outcome.out.find('\n'));
  }();
  return found;
}

// The headers that the service in between sends on, as text.
std::string relay(const std::string& format, const jtrace::SpanContext& context, const jtrace::Tracer& tracer) {
  std::vector<std::string> command{python(), RELAY, format};
  tracer.inject(context, [&](std::string_view name, std::string_view value) {
    command.push_back(std::string(name) + ": " + std::string(value));
  });
  const support::Outcome outcome = support::run(command);
  REQUIRE_MESSAGE(outcome.succeeded(), outcome.describe());
  return outcome.out;
}

jtrace::Tracer tracer_of(const char* propagation) {
  auto made = jtrace::make_tracer({.endpoint = "http://127.0.0.1:1", .flush_interval = std::chrono::hours(1), .propagation = propagation});
  REQUIRE(made.has_value());
  return *made;
}

}  // namespace

TEST_CASE("a trace that goes through Jaeger's client for Python stays one, and its baggage intact") {
  const auto tracer = tracer_of("jaeger");
  for (const char* value : {"a b+c/\u00fc", "plain", "100% \u6d4b\u8bd5,;=\"\\", ""}) {
    CAPTURE(std::string(value));
    auto client = tracer.start_span("client");
    client.set_baggage_item("odd", value);
    const std::string headers = relay("jaeger", client.context(), tracer);
    const jtrace::SpanContext found = tracer.extract(jtrace::RawHeaders(headers));
    CHECK(found.trace_id() == client.context().trace_id());
    CHECK(found.span_id() != client.context().span_id());
    CHECK(found.is_sampled());
    CHECK(found.baggage_item("odd") == value);

    auto server = tracer.start_span("server", {.child_of = found});
    CHECK(server.context().trace_id() == client.context().trace_id());
    const jtrace::SpanContext context = server.context();
    CHECK(context.baggage_item("odd") == value);
  }
  CHECK(tracer.stats().span_context_decoding_errors == 0);
}

TEST_CASE("so does one that goes by B3, and so does the decision") {
  const auto tracer = tracer_of("b3");
  auto client = tracer.start_span("client");
  const std::string headers = relay("b3", client.context(), tracer);
  const jtrace::SpanContext found = tracer.extract(jtrace::RawHeaders(headers));
  CHECK(found.trace_id() == client.context().trace_id());
  CHECK(found.span_id() != client.context().span_id());
  CHECK(found.is_sampled());
  const jtrace::SpanContext debug({1, 2}, {3}, 3, nullptr);
  CHECK(tracer.extract(jtrace::RawHeaders(relay("b3", debug, tracer))).is_debug());
}
