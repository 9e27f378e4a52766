// tools/jtrace-send/load.h, tree.h, latencies.h and report.h: how many traces, how fast, by how many threads, of which shape, and
// what is told about it.
#include "load.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jtrace/testing.h"
#include "report.h"
#include "seen_trace.h"

using namespace jtrace_send;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

// Emits into a recorder instead of a collector.
struct Recorded {
  explicit Recorded(Options wanted) : options(std::move(wanted)) {
    const auto begin = Clock::now();
    Load load(options, recorder.tracer());
    count = load.run([this](std::uint64_t number, jtrace::TraceId) { numbers.push_back(number); });
    took = Clock::now() - begin;
  }
  jtrace::testing::Recorder recorder;
  Options options;
  std::vector<std::uint64_t> numbers;
  std::uint64_t count = 0;
  Clock::duration took{};
};

Options with(std::uint64_t traces) {
  Options options;
  options.traces = traces;
  return options;
}

// What a query API would show of the one trace in the recorder.
SeenTrace seen_of(jtrace::testing::Recorder& recorder) {
  SeenTrace seen;
  for (const auto& span : recorder.spans()) {
    const std::string parent = span.parent.is_valid() ? span.parent.hex().str() : "";
    seen.spans.push_back({span.context.span_id().hex().str(), parent, span.name, span.has_tag("error", true)});
  }
  return seen;
}

}  // namespace

TEST_CASE("several threads emit every trace once") {
  Options options = with(500);
  options.threads = 8;
  Recorded sent(options);
  CHECK(sent.count == 500);
  CHECK(std::set<std::uint64_t>(sent.numbers.begin(), sent.numbers.end()).size() == 500);
  CHECK(sent.recorder.spans().size() == 500 * kSteps);
}

TEST_CASE("a rate is kept: not a trace comes before its time, whatever the threads") {
  for (const unsigned threads : {1U, 4U}) {
    Options options = with(21);
    options.rate = 100;
    options.threads = threads;
    Recorded sent(options);
    CHECK(sent.count == 21);
    CHECK(sent.took >= 200ms);  // the first is sent at once, the last 20 × 10 ms later
  }
}

TEST_CASE("a duration ends the sending, with and without a rate, and before all traces are sent") {
  Options options = with(Options::kUnbounded);
  options.duration = 100ms;
  options.rate = 50;
  Recorded slow(options);
  CHECK(slow.count <= 5);
  CHECK(slow.count >= 1);
  options.rate = 1e-6;  // the second would be due in eleven days
  CHECK(Recorded(options).count == 1);
  options.rate = 0;
  options.tree = Tree{1, 1};
  Recorded quick(options);
  CHECK(quick.took >= 100ms);
  CHECK(quick.took < 30s);
  CHECK(quick.count > 5);
  CHECK(quick.recorder.spans().size() == quick.count);
}

TEST_CASE("a tree has as many spans on as many levels as it was told, each within its parent") {
  for (const Tree tree : {Tree{1, 1}, Tree{2, 2}, Tree{20, 5}, Tree{3, 3}, Tree{1000, 2}, Tree{50, 50}}) {
    CAPTURE(tree.spans);
    CAPTURE(tree.depth);
    Options options = with(1);
    options.tree = tree;
    options.tags = {{"team", "blue"}, {"n", std::int64_t{5}}};
    Recorded sent(options);
    const auto& spans = sent.recorder.spans();
    CHECK(spans.size() == tree.spans);
    std::set<std::string> names;
    std::map<std::string, const jtrace::testing::RecordedSpan*> by_id;
    for (const auto& span : spans) {
      names.insert(span.name);
      by_id[span.context.span_id().hex().str()] = &span;
      CHECK(span.has_tag("team", "blue"));
      CHECK(span.has_tag("n", 5));
    }
    CHECK(names.size() == tree.depth);
    for (const auto& span : spans) {
      if (!span.parent.is_valid()) continue;
      const auto& parent = *by_id.at(span.parent.hex().str());
      CHECK(span.start >= parent.start);
      CHECK(span.start + span.duration <= parent.start + parent.duration);
    }
    CHECK(difference(seen_of(sent.recorder), tree, false, true) == "");
  }
}

TEST_CASE("what is no member of a tree's chain hangs below its members in turn") {
  Options options = with(1);
  options.tree = Tree{20, 5};
  Recorded sent(options);
  std::map<std::string, int> count;
  for (const auto& span : sent.recorder.spans()) ++count[span.name];
  CHECK(count == std::map<std::string, int>{{"level 1", 1}, {"level 2", 5}, {"level 3", 5}, {"level 4", 5}, {"level 5", 4}});
}

TEST_CASE("a failing tree is marked along its chain, and what differs from it is named") {
  Options options = with(1);
  options.tree = Tree{10, 3};
  options.error_rate = 1;
  Recorded sent(options);
  SeenTrace seen = seen_of(sent.recorder);
  CHECK(difference(seen, *options.tree, true, true) == "");
  CHECK(difference(seen, *options.tree, false, true) == "3 spans marked as an error instead of 0");
  CHECK(difference(seen, *options.tree, false, false) == "");
  CHECK(difference(seen, Tree{11, 3}, true, true) == "there are 10 spans instead of 11");
  for (SeenSpan& span : seen.spans) {
    if (span.name == "level 3") span.parent.clear();
  }
  CHECK(difference(seen, *options.tree, true, true) == "a span level 3 is not where it was sent");
}

TEST_CASE("tags have the types that their keys say") {
  Options options = with(1);
  options.tags = *parse_tags("i:int=-5,d:double=0.5,b:bool=true,s:string=7,plain=7,of:course=x");
  Recorded sent(options);
  const auto& span = sent.recorder.span("spider");
  CHECK(span.has_tag("i", -5));
  CHECK(span.has_tag("d", 0.5));
  CHECK(span.has_tag("b", true));
  CHECK(span.has_tag("s", "7"));
  CHECK(span.has_tag("plain", "7"));
  CHECK(span.has_tag("of:course", "x"));
}

TEST_CASE("a percentile is the least that so many do not exceed") {
  Latencies latencies;
  CHECK(latencies.percentile(50) == 0ns);
  for (int i = 100; i >= 1; --i) latencies.add(std::chrono::milliseconds(i));
  CHECK(latencies.percentile(50) == 50ms);
  CHECK(latencies.percentile(90) == 90ms);
  CHECK(latencies.percentile(99) == 99ms);
  CHECK(latencies.percentile(100) == 100ms);
  CHECK(latencies.percentile(0) == 1ms);
  Latencies one;
  one.add(7ms);
  CHECK(one.percentile(50) == 7ms);
  CHECK(one.percentile(99) == 7ms);
}

TEST_CASE("a report is one line of JSON, whatever is in it") {
  Report report;
  report.endpoint = "http://h\"\n\xff/x";
  report.wanted = 7;
  report.totals.traces = 3;
  report.totals.took = 2s;
  report.totals.stats.acknowledged = 10;
  report.totals.flushes.add(3ms);
  report.problem = Diagnosis{kRefused, "no \"way\"", "none"};
  report.exit_code = 4;
  const std::string text = json_of(report);
  CHECK(text.find('\n') == std::string::npos);
  const auto read = nlohmann::json::parse(text);
  CHECK(read["traces"]["wanted"] == 7);
  CHECK(read["traces"]["emitted"] == 3);
  CHECK(read["spans"]["acknowledged"] == 10);
  CHECK(read["spans_per_second"] == 5);
  CHECK(read["flush_milliseconds"]["p99"] == 3);
  CHECK(read["problem"]["what"] == "no \"way\"");
  CHECK(read["verified"].is_null());
  CHECK(read["exit_code"] == 4);
}
