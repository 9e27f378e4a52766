// examples/basic, the program that a newcomer runs first: off without a word too many, and on with one
// variable.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "support/batch.h"
#include "support/black_hole.h"
#include "support/http_server.h"
#include "support/process.h"

namespace {

support::Outcome run_basic(const support::Variables& variables) {
  return support::run({EXAMPLE_BASIC}, variables);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::uint64_t parent_of(const std::vector<support::SentSpan>& spans, const char* name) {
  return support::find_span(spans, name).parent_span_id;
}
std::uint64_t id_of(const std::vector<support::SentSpan>& spans, const char* name) {
  return support::find_span(spans, name).span_id;
}

}  // namespace

TEST_CASE("with nothing set it says in one line that tracing is off and how to switch it on") {
  const support::Outcome outcome = run_basic({});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') == 1);
  CHECK(contains(outcome.out, "JAEGER_ENDPOINT="));
  CHECK(outcome.err == "");
}

TEST_CASE("with an endpoint its trace arrives, and the id that it prints is the one that was sent") {
  support::HttpServer server;
  const support::Outcome outcome = run_basic({{"JAEGER_ENDPOINT", server.endpoint()}});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "delivered 6 spans"));
  CHECK(outcome.err == "");

  const auto spans = support::spans_of(server);
  REQUIRE(spans.size() == 6);
  CHECK(parent_of(spans, "order") == 0);
  for (const char* child : {"shop::load_cart", "payment", "mail"})
    CHECK(parent_of(spans, child) == id_of(spans, "order"));
  CHECK(parent_of(spans, "db.query") == id_of(spans, "shop::load_cart"));
  CHECK(parent_of(spans, "shop::charge_card") == id_of(spans, "payment"));
  for (const char* failed : {"mail", "shop::charge_card"})
    CHECK(support::find_span(spans, failed).tag("error") != nullptr);
  CHECK(support::find_span(spans, "payment").tag("error") == nullptr);

  char low[17];
  std::snprintf(low, sizeof low, "%016llx", static_cast<unsigned long long>(spans[0].trace_id_low));
  CHECK(outcome.out.starts_with("trace "));
  CHECK(outcome.out.substr(22, 16) == low);
}

TEST_CASE("it has a name of its own, unless it is given another") {
  support::HttpServer server;
  run_basic({{"JAEGER_ENDPOINT", server.endpoint()}});
  CHECK(support::decode_batch(server.requests().back().body).service == "jtrace-basic");
  run_basic({{"JAEGER_ENDPOINT", server.endpoint()}, {"JAEGER_SERVICE_NAME", "shop"}});
  CHECK(support::decode_batch(server.requests().back().body).service == "shop");
}

TEST_CASE("where nothing arrives it says so, and exits with 1") {
  const support::Outcome outcome = run_basic({{"JAEGER_ENDPOINT", support::refusing_endpoint()}});
  INFO(outcome.describe());
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.out, "not delivered: 0 of 6 spans acknowledged, 0 failed, 6 waiting for another attempt"));
}

TEST_CASE("an endpoint that is none is named, and exits with 1") {
  const support::Outcome outcome = run_basic({{"JAEGER_ENDPOINT", "ftp://h"}});
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.err, "JAEGER_ENDPOINT"));
}
