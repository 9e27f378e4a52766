// Covers tools/jtrace-collector/faults.h, fault_plan.h and fault_report.h: faults as they are written, who meets them, and how
// they are told of.
#include "fault_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fault_report.h"
#include "quantity.h"

using namespace jtrace::collector;
using namespace std::chrono_literals;

namespace {

FaultOptions failing(std::vector<FailRule> rules, std::uint64_t seed = 1) {
  FaultOptions options;
  options.fails = std::move(rules);
  options.seed = seed;
  return options;
}

// The statuses that so many requests get; 202 where none fails.
std::vector<int> statuses(FaultPlan& plan, int requests) {
  std::vector<int> all;
  for (int i = 0; i < requests; ++i) {
    const auto fail = plan.next_request().fail;
    all.push_back(fail ? fail->status : 202);
  }
  return all;
}

std::size_t count(const std::vector<int>& all, int status) {
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), status));
}

}  // namespace

TEST_CASE("a failure is written as a status, perhaps a probability, perhaps a header") {
  const auto plain = parse_fail("503");
  REQUIRE(plain);
  CHECK(plain->status == 503);
  CHECK(plain->probability == 1);
  CHECK(plain->header_name.empty());

  const auto whole = parse_fail("429:0.25@Retry-After=Wed, 21 Oct 2026 07:28:00 GMT");
  REQUIRE(whole);
  CHECK(whole->status == 429);
  CHECK(whole->probability == 0.25);
  CHECK(whole->header_name == "Retry-After");
  CHECK(whole->header_value == "Wed, 21 Oct 2026 07:28:00 GMT");

  const auto redirect = parse_fail("302@Location=http://user@host:1/x?a=b");
  REQUIRE(redirect);
  CHECK(redirect->header_value == "http://user@host:1/x?a=b");
}

TEST_CASE("a failure that cannot be answered is refused") {
  for (const char* text : {"", "5", "299", "600", "0503", "5o3", "503:", "503:0", "503:1.1", "503:-1", "503:x", "503@", "503@A",
                           "503@=1", "503@A B=1", "503@A=\r\n", "503@Content-Length=3", "503@CONNECTION=close", " 503", "202"}) {
    CHECK_MESSAGE(!parse_fail(text), text);
  }
}

TEST_CASE("a latency is a period or a range, a reset a size, and each says no to anything else") {
  CHECK(parse_latency("200ms")->least == 200ms);
  CHECK(parse_latency("200ms")->most == 200ms);
  CHECK(parse_latency("50ms..1.5s")->least == 50ms);
  CHECK(parse_latency("50ms..1.5s")->most == 1500ms);
  for (const char* text : {"", "..", "1s..", "..1s", "2s..1s", "1s...2s", "1s..2s..3s", "-1s", "x"}) CHECK_MESSAGE(!parse_latency(text), text);

  CHECK(parse_reset("10KB")->after == 10000);
  CHECK(parse_reset("10KB")->probability == 1);
  CHECK(parse_reset("1KiB:0.5")->after == 1024);
  CHECK(parse_reset("1KiB:0.5")->probability == 0.5);
  for (const char* text : {"", "0", "10KB:", "10KB:2", ":0.5", "x"}) CHECK_MESSAGE(!parse_reset(text), text);

  CHECK(parse_probability("0.1") == 0.1);
  for (const char* text : {"", "0", "1.01", "-0.1", "nan", "1%", "0.1x"}) CHECK_MESSAGE(!parse_probability(text), text);
}

TEST_CASE("without faults nothing happens, and requests are counted") {
  FaultPlan plan({});
  CHECK(count(statuses(plan, 50), 202) == 50);
  const auto connection = plan.next_connection();
  CHECK_FALSE(connection.stalls);
  CHECK_FALSE(connection.drips);
  CHECK_FALSE(connection.reset_after);
  CHECK(plan.counts().requests == 50);
}

TEST_CASE("a failure without a probability meets every request") {
  FaultPlan plan(failing({{503, 1, "", ""}}));
  CHECK(count(statuses(plan, 100), 503) == 100);
}

TEST_CASE("the first failure that comes up answers") {
  FaultPlan plan(failing({{503, 0.5, "", ""}, {429, 1, "", ""}}));
  const auto all = statuses(plan, 1000);
  CHECK(count(all, 503) + count(all, 429) == 1000);
  CHECK(count(all, 503) > 400);
  CHECK(count(all, 503) < 600);
}

TEST_CASE("two rules draw apart from each other") {
  FaultPlan plan(failing({{503, 0.5, "", ""}, {429, 0.5, "", ""}}));
  const auto all = statuses(plan, 4000);
  CHECK(count(all, 202) > 800);
  CHECK(count(all, 202) < 1200);
}

TEST_CASE("the same seed gives the same faults, whatever connections do in between; another gives others") {
  FaultOptions options = failing({{503, 0.5, "", ""}}, 7);
  options.stall = 0.5;
  FaultPlan first(options);
  FaultPlan second(options);
  for (int i = 0; i < 10; ++i) second.next_connection();
  const auto expected = statuses(first, 200);
  CHECK(statuses(second, 200) == expected);
  FaultPlan other(failing({{503, 0.5, "", ""}}, 8));
  CHECK(statuses(other, 200) != expected);
}

TEST_CASE("latencies are spread over their range, ends included") {
  FaultOptions options;
  options.latency = {3ms, 6ms};
  FaultPlan plan(options);
  std::vector<int> seen(10);
  for (int i = 0; i < 400; ++i) ++seen.at(static_cast<std::size_t>(plan.next_request().wait.count()));
  CHECK(seen[2] == 0);
  CHECK(seen[7] == 0);
  for (std::size_t milliseconds = 3; milliseconds <= 6; ++milliseconds) CHECK(seen[milliseconds] > 50);
}

TEST_CASE("connections meet their faults with their probabilities") {
  FaultOptions options;
  options.stall = 0.25;
  options.reset = {1000, 0.5};
  options.drip = 1;
  FaultPlan plan(options);
  int stalls = 0;
  int resets = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto fate = plan.next_connection();
    stalls += fate.stalls ? 1 : 0;
    resets += fate.reset_after == std::size_t{1000} ? 1 : 0;
    CHECK(fate.drips);
  }
  CHECK(stalls > 180);
  CHECK(stalls < 320);
  CHECK(resets > 420);
  CHECK(resets < 580);
}

TEST_CASE("a plan may change while it is followed, and its counts go on") {
  FaultPlan plan(failing({{503, 1, "", ""}}));
  CHECK(count(statuses(plan, 3), 503) == 3);
  plan.change({});
  CHECK(count(statuses(plan, 3), 202) == 3);
  CHECK(plan.counts().requests == 6);
}

TEST_CASE("faults are told in the words of the command line") {
  FaultOptions options = failing({{503, 0.1, "", ""}, {429, 1, "Retry-After", "2"}});
  options.latency = {50ms, 200ms};
  options.stall = 0.5;
  options.reset = {10000, 1};
  options.drip = 1;
  options.down_for = 5s;
  CHECK(to_text(options) ==
        "--fail 503:0.1 --fail 429@Retry-After=2 --latency 50ms..200ms --stall=0.5 --reset-after 10000 --drip --down-for 5000ms");
  CHECK(to_text(FaultOptions()) == "");
}

TEST_CASE("the report counts every fault, as JSON and as lines") {
  FaultReport report;
  report.seed = 7;
  report.faults = "--fail 503:0.5";
  report.counts.requests = 10;
  report.counts.accepted = 6;
  report.counts.refused = 1;
  report.counts.failed = {{429, 1}, {503, 2}};
  report.counts.reset = 4;
  report.accepted_spans = 24;
  report.tee = TeeCounts{5, 1, 0};
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["seed"] == 7);
  CHECK(json["failed"] == nlohmann::json{{"429", 1}, {"503", 2}});
  CHECK(json["accepted_spans"] == 24);
  CHECK(json["tee"]["failed"] == 1);
  CHECK(to_lines(report) ==
        "faults: 10 requests: 6 accepted (24 spans), 1 refused, 3 failed (429: 1, 503: 2); 0 delayed, 0 stalled, 4 reset, 0 dripped\n"
        "tee: 5 passed on, 1 failed, 0 dropped\n");
  CHECK(to_lines(FaultReport()) == "");
}
