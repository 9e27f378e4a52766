// Strategies as servers of every generation write them, and what is none.
#include "samplers/parse_strategy.h"

#include <doctest/doctest.h>

#include <string>

#include "support/comma_locale.h"

using jtrace::detail::parse_strategy;
using jtrace::detail::Strategy;

namespace {

// "probabilistic 0.5", "ratelimiting 42", "per operation 0.001, 0.016: GET / 0.2", or "none".
std::string read(const std::string& json, std::size_t max_operations = 2000) {
  const auto short_text = [](double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  };
  const auto strategy = parse_strategy(json, max_operations);
  if (!strategy) return "none";
  if (strategy->type == Strategy::Type::probabilistic) return "probabilistic " + short_text(strategy->rate);
  if (strategy->type == Strategy::Type::rate_limiting) return "ratelimiting " + short_text(strategy->per_second);
  std::string text = "per operation " + short_text(strategy->rate) + ", " + short_text(strategy->per_second);
  for (const Strategy::Operation& operation : strategy->operations) text += ": " + operation.name + " " + short_text(operation.rate);
  return text;
}

}  // namespace

TEST_CASE("the enum is read as text, as a number, or not at all: the fields that are there decide") {
  for (const std::string type : {R"("strategyType":"PROBABILISTIC",)", R"("strategyType":0,)", R"("strategyType":"RATE_LIMITING",)",
                                 R"("strategyType":null,)", R"("strategyType":"SOMETHING_NEW",)", ""}) {
    CAPTURE(type);
    CHECK(read("{" + type + R"("probabilisticSampling":{"samplingRate":0.5}})") == "probabilistic 0.5");
    CHECK(read("{" + type + R"("rateLimitingSampling":{"maxTracesPerSecond":42}})") == "ratelimiting 42");
  }
}

TEST_CASE("a rate is read alike under every locale") {
  const support::CommaLocale locale;
  if (!locale.is_there()) return;
  const auto strategy = parse_strategy(R"({"probabilisticSampling":{"samplingRate":0.5}})", 1);
  REQUIRE(strategy);
  CHECK(strategy->rate == 0.5);
}

TEST_CASE("a strategy per operation is read whole") {
  CHECK(read(R"({"strategyType":"PROBABILISTIC","operationSampling":{
    "defaultSamplingProbability":0.001,"defaultLowerBoundTracesPerSecond":0.016,
    "defaultUpperBoundTracesPerSecond":0,
    "perOperationStrategies":[{"operation":"GET /","probabilisticSampling":{"samplingRate":0.2}},
                              {"operation":"größer","probabilisticSampling":{"samplingRate":1}}]}})") ==
        "per operation 0.001, 0.016: GET / 0.2: größer 1");
}

TEST_CASE("operations come before a rate, and a rate before a limit") {
  const std::string rate = R"("probabilisticSampling":{"samplingRate":0.5})", limit = R"("rateLimitingSampling":{"maxTracesPerSecond":42})";
  CHECK(read("{" + limit + "," + rate + "}") == "probabilistic 0.5");
  CHECK(read("{" + limit + "," + rate + R"(,"operationSampling":{"defaultSamplingProbability":0.25}})") == "per operation 0.25, 0");
  CHECK(read("{" + rate + R"(,"operationSampling":null})") == "probabilistic 0.5");
}

TEST_CASE("a number that is missing is 0") {
  CHECK(read(R"({"probabilisticSampling":{}})") == "probabilistic 0");
  CHECK(read(R"({"rateLimitingSampling":{}})") == "ratelimiting 0");
  CHECK(read(R"({"operationSampling":{}})") == "per operation 0, 0");
  CHECK(read(R"({"operationSampling":{"perOperationStrategies":[{"operation":"a","probabilisticSampling":{}}]}})") ==
        "per operation 0, 0: a 0");
}

TEST_CASE("only as many operations as are wanted are taken") {
  CHECK(read(R"({"operationSampling":{"perOperationStrategies":[
    {"operation":"a","probabilisticSampling":{"samplingRate":1}},{"operation":"b","probabilisticSampling":{"samplingRate":1}}]}})", 1) ==
        "per operation 0, 0: a 1");
}

TEST_CASE("what is no strategy, or one that nobody can follow, is none") {
  for (const char* text : {
           "", "null", "[]", "{}", "5", "\"\"", "{", "<html></html>", "{\"probabilisticSampling\":{\"samplingRate\":0.5}", "\xff",
           R"({"strategyType":"PROBABILISTIC"})",
           R"({"probabilisticSampling":5})",
           R"({"probabilisticSampling":[]})",
           R"({"probabilisticSampling":{"samplingRate":"0.5"}})",
           R"({"probabilisticSampling":{"samplingRate":true}})",
           R"({"probabilisticSampling":{"samplingRate":1.5}})",
           R"({"probabilisticSampling":{"samplingRate":-0.1}})",
           R"({"probabilisticSampling":{"samplingRate":NaN}})",
           R"({"probabilisticSampling":{"samplingRate":1e999}})",
           R"({"rateLimitingSampling":{"maxTracesPerSecond":-1}})",
           R"({"rateLimitingSampling":{"maxTracesPerSecond":1e300}})",
           R"({"rateLimitingSampling":{"maxTracesPerSecond":{}}})",
           R"({"operationSampling":"all"})",
           R"({"operationSampling":{"defaultSamplingProbability":2}})",
           R"({"operationSampling":{"defaultLowerBoundTracesPerSecond":-1}})",
           R"({"operationSampling":{"perOperationStrategies":{}}})",
           R"({"operationSampling":{"perOperationStrategies":[null]}})",
           R"({"operationSampling":{"perOperationStrategies":[{"operation":"a"}]}})",
           R"({"operationSampling":{"perOperationStrategies":[{"operation":5,"probabilisticSampling":{"samplingRate":1}}]}})",
           R"({"operationSampling":{"perOperationStrategies":[{"probabilisticSampling":{"samplingRate":1}}]}})",
           R"({"operationSampling":{"perOperationStrategies":[{"operation":"a","probabilisticSampling":{"samplingRate":7}}]}})",
           R"([{"baggageKey":"k","maxValueLength":10}])",
       }) {
    CAPTURE(std::string(text));
    CHECK(read(text) == "none");
  }
}

TEST_CASE("depth without end is no trouble") {
  const std::string deep(1 << 20, '[');
  CHECK(read(deep) == "none");
  CHECK(read(R"({"probabilisticSampling":{"samplingRate":0.5},"more":)" + deep + std::string(1 << 20, ']') + "}") == "probabilistic 0.5");
}
