// Ids and times that come from elsewhere: spans made from logs, or replayed.
#include <doctest/doctest.h>

#include <string>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"

namespace {

using jtrace::SpanId;
using jtrace::TraceId;
using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using namespace std::chrono_literals;

constexpr TraceId kTrace{0x0102030405060708, 0x1112131415161718};
constexpr jtrace::Timestamp kLongAgo{1'400'000'000s};

}  // namespace

TEST_CASE("a span has the ids that it is given, and its context says so") {
  Recorder recorder;
  jtrace::Span span = recorder.tracer().start_span("replayed", {.start_time = kLongAgo, .identity = {kTrace, {7}, {9}}});
  CHECK(span.context().trace_id() == kTrace);
  CHECK(span.context().span_id() == SpanId{7});
  CHECK(span.is_recording());
  jtrace::Span child = span.start_child("child");
  CHECK(child.context().trace_id() == kTrace);
  child.finish();
  span.finish(kLongAgo + 3s);
  const RecordedSpan& seen = recorder.span("replayed");
  CHECK(seen.context.span_id() == SpanId{7});
  CHECK(seen.parent == SpanId{9});
  CHECK(seen.start == kLongAgo);
  CHECK(seen.duration == 3s);
  CHECK_FALSE(seen.tag("sampler.type"));
  CHECK(recorder.span("child").parent == SpanId{7});
}

TEST_CASE("without a parent's id it is a root, whatever is active, and carries the sampler's tags") {
  Recorder recorder;
  auto active = recorder.tracer().start_active_span("active");
  recorder.tracer().start_span("root", {.identity = {.trace_id = kTrace, .span_id = {7}}}).finish();
  recorder.tracer().start_span("first", {.identity = {.trace_id = kTrace}}).finish();
  CHECK(recorder.span("root").parent == SpanId{});
  CHECK(recorder.span("root").references.empty());
  CHECK(recorder.span("root").tag("sampler.type"));
  CHECK(recorder.span("first").context.span_id() == SpanId{kTrace.low});
}

TEST_CASE("a span's id alone leaves it in its parent's trace") {
  Recorder recorder;
  auto active = recorder.tracer().start_active_span("active");
  const jtrace::SpanContext parent = active->context();
  recorder.tracer().start_span("child", {.identity = {.span_id = {7}}}).finish();
  CHECK(recorder.span("child").context.trace_id() == parent.trace_id());
  CHECK(recorder.span("child").context.span_id() == SpanId{7});
  CHECK(recorder.span("child").parent == parent.span_id());
  active.close();
  recorder.tracer().start_span("root", {.identity = {.span_id = {8}}}).finish();
  CHECK(recorder.span("root").context.span_id() == SpanId{8});
  CHECK(recorder.span("root").context.trace_id() != parent.trace_id());
}

TEST_CASE("the sampler decides by the trace's id, alike for all of its spans") {
  auto made = jtrace::make_tracer({.service_name = "s", .endpoint = "http://127.0.0.1:9/", .sampler = {.type = "probabilistic", .param = 0.5}});
  REQUIRE(made.has_value());
  int kept = 0;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const TraceId id{1, i * 0x9e3779b97f4a7c15};
    const jtrace::Span one = made->start_span("a", {.identity = {id, {2}, {}}}), other = made->start_span("b", {.identity = {id, {3}, {2}}});
    CHECK(one.is_sampled() == other.is_sampled());
    kept += one.is_sampled();
  }
  CHECK(kept > 50);
  CHECK(kept < 150);
  made->close(0s);
}

TEST_CASE("a trace id whose low half is zero still gives a span that is one") {
  Recorder recorder;
  const jtrace::Span span = recorder.tracer().start_span("odd", {.identity = {.trace_id = {5, 0}}});
  CHECK(span.context().is_valid());
  CHECK(span.context().trace_id() == TraceId{5, 0});
}
