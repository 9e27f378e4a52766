// StrategySampler: what each kind of strategy keeps and says of it, the places of operations, and strategies that are exchanged while
// others ask.
#include "samplers/strategy_sampler.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/random.h"
#include "samplers/sampler.h"

using jtrace::SamplingDecision;
using jtrace::TraceId;
using jtrace::detail::Random;
using jtrace::detail::Strategy;
using jtrace::detail::StrategySampler;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr TraceId kLow{0, 1}, kMiddle{7, std::uint64_t{1} << 63}, kHigh{0, ~std::uint64_t{0}};

std::int64_t clock_shows = 0;  // per test, by Clock
std::int64_t now() noexcept { return clock_shows; }
struct Clock {
  Clock() { clock_shows = 1000 * kSecond; }
  void advance(double seconds) { clock_shows += static_cast<std::int64_t>(seconds * 1e9); }
};

Strategy at_rate(double rate) { return {.type = Strategy::Type::probabilistic, .rate = rate}; }
Strategy at_most(double per_second) { return {.type = Strategy::Type::rate_limiting, .per_second = per_second}; }
Strategy per_operation(double rate, double at_least, std::vector<Strategy::Operation> operations = {}) {
  return {Strategy::Type::per_operation, rate, at_least, std::move(operations)};
}

// "probabilistic 0.5", or "no".
std::string answer(StrategySampler& sampler, TraceId id, const std::string& operation = "op") {
  const SamplingDecision decision = sampler.decide(id, operation);
  if (!decision.sampled) return "no";
  std::string param = std::to_string(decision.param.as_double());
  param.erase(param.find_last_not_of('0') + 1);
  if (param.ends_with('.')) param.pop_back();
  return std::string(decision.type) + " " + param;
}

int kept(StrategySampler& sampler, TraceId id, const std::string& operation, int of = 100) {
  int count = 0;
  for (int i = 0; i < of; ++i) count += sampler.decide(id, operation).sampled;
  return count;
}

}  // namespace

TEST_CASE("a probabilistic strategy keeps what the sampler of that rate keeps") {
  StrategySampler sampler(at_rate(0.5), 0, now);
  CHECK(answer(sampler, kLow) == "probabilistic 0.5");
  CHECK(answer(sampler, kMiddle) == "no");
  Random ids{{1, 2, 3, 4}};
  const auto same = jtrace::detail::Sampler::probabilistic(0.5);
  int differ = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t low = ids.next();
    differ += sampler.decide({0, low}, "op").sampled != same.keeps(low);
  }
  CHECK(differ == 0);
}

TEST_CASE("a limit keeps so many traces per second, whatever their ids, and says ratelimiting") {
  Clock clock;
  StrategySampler sampler(at_most(2), 0, now);
  CHECK(answer(sampler, kHigh) == "ratelimiting 2");
  CHECK(answer(sampler, kHigh) == "ratelimiting 2");
  CHECK(answer(sampler, kLow) == "no");
  clock.advance(0.5);
  CHECK(answer(sampler, kHigh) == "ratelimiting 2");
  CHECK(answer(sampler, kHigh) == "no");
}

TEST_CASE("each operation has the rate that is listed for it, others the default") {
  Clock clock;
  StrategySampler sampler(per_operation(0.25, 0, {{"all", 1}, {"half", 0.5}, {"none", 0}}), 2000, now);
  CHECK(answer(sampler, kHigh, "all") == "probabilistic 1");
  CHECK(answer(sampler, kLow, "half") == "probabilistic 0.5");
  CHECK(answer(sampler, kMiddle, "half") == "no");
  CHECK(answer(sampler, kLow, "none") == "no");
  CHECK(answer(sampler, kLow, "other") == "probabilistic 0.25");
  CHECK(answer(sampler, TraceId{0, std::uint64_t{1} << 62}, "other") == "no");
}

TEST_CASE("what an operation's rate refuses may be kept by its lower bound, which says the rate") {
  Clock clock;
  StrategySampler sampler(per_operation(0.001, 0.5, {{"rare", 0.25}}), 2000, now);
  CHECK(answer(sampler, kHigh, "rare") == "lowerbound 0.25");
  CHECK(answer(sampler, kHigh, "rare") == "no");
  CHECK(answer(sampler, kHigh, "other") == "lowerbound 0.001");  // each operation has its own
  CHECK(answer(sampler, kHigh, "other") == "no");
  clock.advance(2);
  CHECK(answer(sampler, kHigh, "rare") == "lowerbound 0.25");
}

TEST_CASE("what the rate keeps is paid for by the lower bound, too") {
  Clock clock;
  StrategySampler sampler(per_operation(0.5, 1), 2000, now);
  CHECK(answer(sampler, kLow) == "probabilistic 0.5");
  CHECK(answer(sampler, kHigh) == "no");
  clock.advance(1);
  CHECK(answer(sampler, kHigh) == "lowerbound 0.5");
}

TEST_CASE("after 2,000 names there is no guarantee for further ones, only the default rate") {
  Clock clock;
  StrategySampler sampler(per_operation(0, 1), 2000, now);
  for (int i = 0; i < 2000; ++i) {
    CAPTURE(i);
    REQUIRE(answer(sampler, kHigh, "op" + std::to_string(i)) == "lowerbound 0");
  }
  for (int i = 2000; i < 2100; ++i) CHECK(answer(sampler, kHigh, "op" + std::to_string(i)) == "no");
  clock.advance(1);
  CHECK(answer(sampler, kHigh, "op0") == "lowerbound 0");
  CHECK(answer(sampler, kHigh, "op1999") == "lowerbound 0");
  CHECK(answer(sampler, kHigh, "op2000") == "no");
}

TEST_CASE("an operation that a new strategy lists finds a place where others fill the table") {
  Clock clock;
  StrategySampler sampler(per_operation(0, 1), 3, now);
  for (const char* name : {"a", "b", "c", "d"}) kept(sampler, kHigh, name, 1);
  CHECK(answer(sampler, kLow, "d") == "no");
  sampler.adopt(per_operation(0, 1, {{"d", 1}}));
  CHECK(answer(sampler, kHigh, "d") == "probabilistic 1");
}

TEST_CASE("of more operations than there are places the first ones are taken") {
  Clock clock;
  StrategySampler sampler(per_operation(0, 0, {{"a", 1}, {"b", 1}, {"c", 1}}), 2, now);
  CHECK(answer(sampler, kHigh, "a") == "probabilistic 1");
  CHECK(answer(sampler, kHigh, "b") == "probabilistic 1");
  CHECK(answer(sampler, kHigh, "c") == "no");
}

TEST_CASE("the same strategy again keeps the balances") {
  Clock clock;
  StrategySampler limited(at_most(3), 0, now);
  CHECK(kept(limited, kHigh, "op", 2) == 2);
  limited.adopt(at_most(3));
  CHECK(kept(limited, kHigh, "op") == 1);
  StrategySampler bounded(per_operation(0, 1, {{"op", 0.5}}), 10, now);
  CHECK(kept(bounded, kHigh, "op") == 1);
  bounded.adopt(per_operation(0, 1, {{"op", 0.5}}));
  CHECK(kept(bounded, kHigh, "op") == 0);
}

TEST_CASE("a changed strategy keeps the balances in proportion, those of unlisted operations too") {
  Clock clock;
  StrategySampler limited(at_most(10), 0, now);
  CHECK(kept(limited, kHigh, "op", 5) == 5);
  limited.adopt(at_most(4));
  CHECK(kept(limited, kHigh, "op") == 2);
  StrategySampler bounded(per_operation(0, 1, {{"op", 0.5}}), 10, now);
  CHECK(kept(bounded, kHigh, "op") == 1);
  CHECK(kept(bounded, kHigh, "other") == 1);
  bounded.adopt(per_operation(0, 1, {{"op", 0.25}}));
  CHECK(kept(bounded, kHigh, "op") == 0);
  CHECK(kept(bounded, kHigh, "other") == 0);
  CHECK(kept(bounded, kHigh, "new") == 1);
}

TEST_CASE("an operation that is listed no more gets the default rate") {
  Clock clock;
  StrategySampler sampler(per_operation(0, 0, {{"op", 1}}), 10, now);
  CHECK(answer(sampler, kHigh) == "probabilistic 1");
  sampler.adopt(per_operation(0.5, 0));
  CHECK(answer(sampler, kHigh) == "no");
  CHECK(answer(sampler, kLow) == "probabilistic 0.5");
}

TEST_CASE("strategies of every kind follow each other") {
  Clock clock;
  StrategySampler sampler(at_rate(0), 10, now);
  CHECK(answer(sampler, kLow) == "no");
  sampler.adopt(at_most(1));
  CHECK(answer(sampler, kHigh) == "ratelimiting 1");
  sampler.adopt(per_operation(0, 0, {{"op", 1}}));
  CHECK(answer(sampler, kHigh) == "probabilistic 1");
  sampler.adopt(at_rate(0.5));
  CHECK(answer(sampler, kMiddle) == "no");
}

TEST_CASE("of random traces each operation keeps its share, within four standard deviations") {
  Clock clock;
  StrategySampler sampler(per_operation(0.1, 0, {{"often", 0.5}, {"rarely", 0.001}}), 2000, now);
  Random ids{{0x9e3779b97f4a7c15, 5, 6, 7}};
  for (const auto& [operation, rate] : {std::pair{"often", 0.5}, {"rarely", 0.001}, {"other", 0.1}}) {
    CAPTURE(std::string(operation));
    constexpr double kTraces = 200'000;
    int count = 0;
    for (int i = 0; i < static_cast<int>(kTraces); ++i) count += sampler.decide({0, ids.next()}, operation).sampled;
    CHECK(std::abs(count - kTraces * rate) < 4 * std::sqrt(kTraces * rate * (1 - rate)));
  }
}

// Whoever asks meanwhile gets an answer of one of the strategies; a breach would be a rate that nobody ever set, or a crash.
TEST_CASE("strategies may be exchanged while others ask") {
  StrategySampler sampler(per_operation(0.5, 0, {{"op3", 1}}), 100);
  std::atomic<bool> is_over{false};
  std::atomic<int> strange{0};
  std::vector<std::thread> askers;
  for (int t = 0; t < 3; ++t) {
    askers.emplace_back([&, t] {
      Random ids{{static_cast<std::uint64_t>(t) + 1, 2, 3, 4}};
      for (int i = 0; !is_over; ++i) {
        const SamplingDecision decision = sampler.decide({0, ids.next()}, "op" + std::to_string(i % 150));
        const double rate = decision.param.as_double();
        strange += rate != 0 && rate != 0.5 && rate != 1 && rate != 0.25 && rate != 1000;  // 0: of a limit, which has none
      }
    });
  }
  for (int i = 0; i < 3000; ++i) {
    if (i % 3 == 0) sampler.adopt(per_operation(0.5, 0, {{"op3", 1}, {"op" + std::to_string(i % 150), 0.25}}));
    if (i % 3 == 1) sampler.adopt(at_most(1000));
    if (i % 3 == 2) sampler.adopt(at_rate(0.25));
  }
  is_over = true;
  for (std::thread& asker : askers) asker.join();
  CHECK(strange == 0);
}
