// What the library writes into a file for Jaeger's UI is what the collector serves to it for the same spans.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "fixture.h"
#include "jtrace/jtrace.h"

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

json in_order(json trace) {
  auto& spans = trace.at("spans");
  std::sort(spans.begin(), spans.end(), [](const json& a, const json& b) { return a.at("spanID") < b.at("spanID"); });
  return trace;
}

}  // namespace

TEST_CASE("a file for Jaeger's UI says the same of a trace as the collector that got it") {
  const fixture::Collector collector;
  const fixture::TemporaryFile file;
  const auto tracer = jtrace::make_tracer({.service_name = "svc \xc3\xbc",
                                           .endpoint = "http://127.0.0.1:" + std::to_string(collector.port()) + "/api/traces",
                                           .file = file.path(),
                                           .file_format = "jaeger-ui",
                                           .tags = {{"deployment", "\"blue\""}}});
  REQUIRE(tracer);
  auto root = tracer->start_active_span("root \"quoted\"\n");
  const std::string id = root.span().context().trace_id().hex().str();
  {
    auto child = tracer->start_span("child", {.follows_from = root.span().context(), .kind = jtrace::Kind::client});
    child.set_tag("text", "\xff broken").set_tag("safe", (std::int64_t{1} << 53) - 1).set_tag("large", std::int64_t{1} << 53);
    child.set_tag("vast", ~std::uint64_t{0}).set_tag("half", 0.5).set_tag("yes", true).set_tag("bytes", jtrace::bytes("\0\xff", 2));
    child.log("sent", {{"bytes", 512}, {"ok", false}});
    child.set_error();
  }
  CHECK(tracer->flush(30s));
  {
    auto late = tracer->start_span("late");
  }
  root.span().set_tag("k", "last");
  root.close();
  CHECK(tracer->close(30s));
  const json served = json::parse(fixture::get(collector.query_port(), "/api/traces/" + id).body);
  const json written = json::parse(file.content());
  REQUIRE(written.at("data").size() == 1);
  REQUIRE(written.at("data").at(0).at("spans").size() == 3);
  CHECK(in_order(written.at("data").at(0)) == in_order(served.at("data").at(0)));
  CHECK(written.at("errors").is_null());
}
