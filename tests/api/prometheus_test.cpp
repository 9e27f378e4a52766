// Stats as Prometheus reads them: every counter once, under names that do not change.
#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "jtrace/jtrace.h"

namespace {

// As a scraper reads a page: comment lines give each family its type before its samples.
std::map<std::string, std::uint64_t> scrape(const std::string& page) {
  std::map<std::string, std::uint64_t> samples;
  std::set<std::string> types;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      CHECK(types.insert(name).second);
      continue;
    }
    if (line.starts_with("# HELP ")) continue;
    const std::size_t blank = line.rfind(' ');
    const std::string sample = line.substr(0, blank);
    CHECK(types.count(sample.substr(0, sample.find('{'))) == 1);
    CHECK(samples.emplace(sample, std::stoull(line.substr(blank + 1))).second);
  }
  CHECK(page.ends_with('\n'));
  return samples;
}

}  // namespace

TEST_CASE("every counter of Stats is a sample of its own") {
  jtrace::Stats stats;
  constexpr std::size_t kCounters = sizeof stats / sizeof(std::uint64_t);
  std::uint64_t values[kCounters];
  for (std::size_t i = 0; i < kCounters; ++i) values[i] = 1000 + i;
  std::memcpy(static_cast<void*>(&stats), values, sizeof stats);
  std::set<std::uint64_t> seen;
  for (const auto& [name, value] : scrape(stats.to_prometheus())) {
    CAPTURE(name);
    CHECK(seen.insert(value).second);
  }
  CHECK(seen.size() == kCounters);
}

TEST_CASE("the names are those of Jaeger's clients") {
  jtrace::Stats stats;
  stats.acknowledged = 7;
  stats.queued = 3;
  stats.drops.queue_full = 2;
  auto samples = scrape(stats.to_prometheus());
  CHECK(samples.at(R"(jaeger_tracer_reporter_spans_total{result="ok"})") == 7);
  CHECK(samples.at(R"(jaeger_tracer_reporter_spans_total{result="dropped",reason="queue_full"})") == 2);
  CHECK(samples.at("jaeger_tracer_reporter_queue_length") == 3);
  CHECK(samples.at(R"(jaeger_tracer_started_spans_total{sampled="y"})") == 0);
}

TEST_CASE("labels of one's own stand beside the others") {
  jtrace::Stats stats;
  stats.acknowledged = 7;
  const auto samples = scrape(stats.to_prometheus(R"(service="orders")"));
  CHECK(samples.at(R"(jaeger_tracer_reporter_spans_total{result="ok",service="orders"})") == 7);
  CHECK(samples.at(R"(jaeger_tracer_reporter_queue_length{service="orders"})") == 0);
}
