// Covers tools/jtrace-collector/store.h: what is kept and for how long, what goes first, when a trace is quiet.
#include "store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "samples.h"

using namespace jtrace::collector;
using namespace std::chrono_literals;
using samples::SpanSample;
using samples::to_span;

namespace {

constexpr std::size_t kMuch = 100 << 20;

// A store and a clock that the test moves.
struct Desk {
  explicit Desk(std::size_t max_bytes = kMuch) : store(max_bytes) {}

  void send(const SpanSample& sample, const std::string& service = "svc") { store.add({to_span(sample, service)}, now); }
  std::vector<Trace> quiet() { return store.take_quiet(now, 1500ms, 100); }

  Store store;
  Store::Clock::time_point now{};
};

}  // namespace

TEST_CASE("a trace is found with its spans in the order of their start") {
  Desk desk;
  desk.send({.id = 1, .after = 20});
  desk.send({.id = 2, .after = 10});
  const auto trace = desk.store.find({0, 0xabc});
  REQUIRE(trace);
  REQUIRE(trace->spans.size() == 2);
  CHECK(trace->spans[0]->span_id == 2);
  CHECK_FALSE(desk.store.find({1, 0xabc}));
}

TEST_CASE("a span that comes again is kept once") {
  Desk desk;
  desk.send({.tags = {{"k", "v"}}});
  desk.send({.tags = {{"k", "v"}}});
  CHECK(desk.store.find({0, 0xabc})->spans.size() == 1);
  CHECK(desk.store.stats().duplicates == 1);
}

TEST_CASE("two spans that share an id and differ are both kept") {
  Desk desk;
  desk.send({.tags = {{"span.kind", "client"}}});
  desk.send({.tags = {{"span.kind", "server"}}});
  CHECK(desk.store.find({0, 0xabc})->spans.size() == 2);
}

TEST_CASE("a trace is quiet when nothing came for the period, and is handed out once") {
  Desk desk;
  desk.send({.id = 1});
  CHECK(desk.store.next_quiet(1500ms) == desk.now + 1500ms);
  desk.now += 1s;
  desk.send({.id = 2});
  desk.now += 1s;
  CHECK(desk.quiet().empty());
  desk.now += 500ms;
  REQUIRE(desk.quiet().size() == 1);
  CHECK(desk.quiet().empty());
  CHECK_FALSE(desk.store.next_quiet(1500ms));
}

TEST_CASE("a trace that goes on does not hold up one that is quiet") {
  Desk desk;
  desk.send({.trace_id = {0, 1}, .id = 1});
  desk.now += 1s;
  desk.send({.trace_id = {0, 2}, .id = 1});
  desk.now += 1s;
  desk.send({.trace_id = {0, 1}, .id = 2});
  desk.now += 500ms;
  const auto quiet = desk.quiet();
  REQUIRE(quiet.size() == 1);
  CHECK(quiet[0].id == TraceId{0, 2});
}

TEST_CASE("a late span makes its trace come again, whole") {
  Desk desk;
  desk.send({.id = 1});
  desk.now += 2s;
  REQUIRE(desk.quiet().size() == 1);
  desk.send({.id = 2});
  desk.now += 2s;
  const auto again = desk.quiet();
  REQUIRE(again.size() == 1);
  CHECK(again[0].spans.size() == 2);
}

TEST_CASE("a span sent twice does not make its trace come again") {
  Desk desk;
  desk.send({});
  desk.now += 2s;
  CHECK(desk.quiet().size() == 1);
  desk.send({});
  desk.now += 2s;
  CHECK(desk.quiet().empty());
}

TEST_CASE("when the memory is full the oldest trace goes, whole") {
  Desk desk(64 << 10);
  const std::string large(10 << 10, 'x');
  for (std::uint64_t trace = 1; trace <= 10; ++trace) {
    desk.send({.trace_id = {0, trace}, .id = 1, .name = "op" + std::to_string(trace), .tags = {{"k", large}}},
              "svc" + std::to_string(trace));
    // The first one is the youngest by its last span, and still the oldest by its first.
    desk.send({.trace_id = {0, 1}, .id = trace + 1, .after = static_cast<std::int64_t>(trace)}, "svc1");
    if (!desk.store.find({0, 2}) && trace > 2) break;
  }
  const StoreStats stats = desk.store.stats();
  CHECK(stats.evicted > 0);
  CHECK(stats.bytes <= 64 << 10);
  CHECK_FALSE(desk.store.find({0, 2}));
  const auto services = desk.store.services();
  CHECK(std::find(services.begin(), services.end(), "svc2") == services.end());
}

TEST_CASE("what is counted as memory is no less than the bytes of names and values") {
  Desk desk;
  desk.send({.name = std::string(100'000, 'n'), .tags = {{"k", std::string(200'000, 'v')}}});
  CHECK(desk.store.stats().bytes >= 300'000);
  CHECK(desk.store.stats().bytes < 320'000);
}

TEST_CASE("after everything was evicted nothing is counted") {
  Desk desk(4 << 10);
  for (std::uint64_t trace = 1; trace <= 5; ++trace) {
    desk.send({.trace_id = {0, trace}, .tags = {{"k", std::string(8 << 10, 'x')}}});
  }
  const StoreStats stats = desk.store.stats();
  CHECK(stats.traces == 0);
  CHECK(stats.spans == 0);
  CHECK(stats.bytes == 0);
  CHECK(stats.evicted == 5);
  CHECK(desk.store.services().empty());
  CHECK(desk.store.latest().empty());
  CHECK_FALSE(desk.store.next_quiet(0s));
}

TEST_CASE("services and operations are listed in order, operations with their kinds") {
  Desk desk;
  desk.send({.id = 1, .name = "b"}, "two");
  desk.send({.id = 2, .name = "a", .tags = {{"span.kind", "server"}}}, "two");
  desk.send({.id = 3, .name = "a"}, "one");
  CHECK(desk.store.services() == std::vector<std::string>{"one", "two"});
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(desk.store.operations("two") == Pairs{{"a", "server"}, {"b", ""}});
  CHECK(desk.store.operations("three").empty());
}

// A breach would show as a count that does not add up, or under TSan.
TEST_CASE("threads may add and look at the same time") {
  Store store(kMuch);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&store, thread] {
      for (std::uint64_t i = 1; i <= 500; ++i) {
        store.add({to_span({.trace_id = {0, i % 7 + 1}, .id = thread * 1000 + i})}, {});
        store.find({0, i % 7 + 1});
        store.latest();
        store.stats();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(store.stats().spans == 2000);
}
