// tools/jtrace-send/scenario.h, emit.h and load.h: the tutorial's trace, and what the library records of it.
#include "scenario.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "load.h"
#include "jtrace/testing.h"

using namespace jtrace_send;
using namespace std::chrono_literals;

namespace {

int failures_among(std::uint64_t traces, double rate) {
  int failures = 0;
  for (std::uint64_t trace = 0; trace < traces; ++trace) failures += is_failing(trace, rate);
  return failures;
}

// Emits into a recorder instead of a collector.
struct Recorded {
  explicit Recorded(Options wanted) : options(std::move(wanted)) {
    count = Load(options, recorder.tracer()).run([this](std::uint64_t, jtrace::TraceId id) {
      ids.push_back(id);
    });
  }
  jtrace::testing::Recorder recorder;
  Options options;
  std::vector<jtrace::TraceId> ids;
  std::uint64_t count = 0;
};

Options with_traces(std::uint64_t traces) {
  Options options;
  options.traces = traces;
  return options;
}

}  // namespace

TEST_CASE("the share of failing traces is exact, and spread evenly") {
  CHECK(failures_among(100, 0) == 0);
  CHECK(failures_among(100, 1) == 100);
  CHECK(failures_among(100, 0.29) == 29);
  CHECK(failures_among(1000, 0.001) == 1);
  CHECK(failures_among(9, 0.1) == 0);
  for (std::uint64_t trace = 0; trace < 20; ++trace) CHECK(is_failing(trace, 0.2) == (trace % 5 == 4));
}

TEST_CASE("each step lies within its parent, and brothers follow each other") {
  for (std::uint64_t trace = 0; trace < 200; ++trace) {
    const auto steps = make_timeline(trace).steps;
    for (std::size_t step = 1; step < kSteps; ++step) {
      const auto& parent = steps[kScenario[step].parent];
      CHECK(parent.start < steps[step].start);
      CHECK(steps[step].start < steps[step].finish);
      CHECK(steps[step].finish < parent.finish);
    }
    CHECK(steps[kDownload].finish < steps[kParser].start);
    CHECK(steps[kParser].finish < steps[kInsert].start);
    CHECK(steps[kMakeSql].finish < steps[kToDb].start);
  }
}

TEST_CASE("a trace's times depend on its number only") {
  CHECK(make_timeline(7).length() == make_timeline(7).length());
  CHECK(make_timeline(7).length() != make_timeline(8).length());
}

TEST_CASE("a trace has the tutorial's three levels") {
  Recorded sent(with_traces(1));
  CHECK(sent.recorder.tree() ==
        "spider\n"
        "  download\n"
        "  parser\n"
        "  insert\n"
        "    make_sql\n"
        "    to_db\n");
}

TEST_CASE("a failing trace is marked from the statement up to the root") {
  Options options = with_traces(1);
  options.error_rate = 1;
  Recorded sent(options);
  CHECK(sent.recorder.tree() ==
        "spider !\n"
        "  download\n"
        "  parser\n"
        "  insert !\n"
        "    make_sql\n"
        "    to_db !\n");
  const auto& logs = sent.recorder.span("to_db").logs;
  REQUIRE(logs.size() == 1);
  CHECK(logs[0].field("event")->as_text() == "error");
}

TEST_CASE("every trace is emitted once, under the id that is told") {
  Recorded sent(with_traces(300));
  CHECK(sent.count == 300);
  CHECK(sent.ids.size() == 300);
  const auto& spans = sent.recorder.spans();
  CHECK(spans.size() == 300 * kSteps);
  for (const jtrace::TraceId& id : sent.ids) {
    CHECK(std::count_if(spans.begin(), spans.end(),
                        [&](const auto& span) { return span.context.trace_id() == id; }) == kSteps);
  }
}

TEST_CASE("a trace has ended just now, and its logs lie within their spans") {
  Recorded sent(with_traces(1));
  const auto& spider = sent.recorder.span("spider");
  const auto age = std::chrono::system_clock::now() - (spider.start + spider.duration);
  CHECK(age >= -1ms);
  CHECK(age < 60s);
  for (const auto& span : sent.recorder.spans()) {
    for (const auto& log : span.logs) {
      CHECK(log.time >= span.start);
      CHECK(log.time <= span.start + span.duration);
    }
  }
}

TEST_CASE("the user's tags are on every span, and win over ours") {
  Options options = with_traces(1);
  options.tags = {{"team", "blue"}, {"http.method", "POST"}};
  Recorded sent(options);
  for (const auto& span : sent.recorder.spans()) CHECK(span.has_tag("team", "blue"));
  CHECK(sent.recorder.span("download").has_tag("http.method", "POST"));
}

TEST_CASE("the tags have the types that a tester wants to see") {
  Recorded sent(with_traces(1));
  CHECK(sent.recorder.span("download").has_tag("http.status_code", 200));
  CHECK(sent.recorder.span("download").has_tag("span.kind", "client"));
  CHECK(sent.recorder.span("parser").has_tag("parser.coverage", 0.98));
  CHECK(sent.recorder.span("parser").has_tag("parser.strict", false));
}
