// The life of a span: parents near and far, what stays valid after the finish, what late calls do, baggage,
// the recorder.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"
#include "support/memory.h"

namespace {

using jtrace::testing::RecordedReference;
using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using namespace std::chrono_literals;

const jtrace::SpanContext kRemote({0x0102030405060708, 0x1112131415161718}, {0x2122232425262728}, true);
const jtrace::SpanContext kRemoteUnsampled({0x0102030405060708, 0x1112131415161718}, {0x2122232425262728},
                                           false);

bool is_root(const RecordedSpan& span) {
  return span.parent == jtrace::SpanId{} && span.references.empty();
}

bool is_child(const RecordedSpan& span, const jtrace::SpanContext& parent) {
  if (span.parent != parent.span_id() || span.context.trace_id() != parent.trace_id()) return false;
  for (const RecordedReference& reference : span.references) {
    if (reference.is_child_of && reference.trace_id == parent.trace_id() &&
        reference.span_id == parent.span_id()) {
      return true;
    }
  }
  return false;
}

bool follows(const RecordedSpan& span, const jtrace::SpanContext& other) {
  for (const RecordedReference& reference : span.references) {
    if (!reference.is_child_of && reference.trace_id == other.trace_id() &&
        reference.span_id == other.span_id()) {
      return true;
    }
  }
  return false;
}

// Every call that a span offers, as harmless as they promise to be.
void call_everything(jtrace::Span& span) {
  span.set_tag("k", 1).set_tag("k", "text").set_tag("k", [] { return 1; });
  span.log({{"a", 1}}).log("event").log("event", {{"a", 1}}).set_operation_name("other");
  span.set_baggage_item("k", "v").set_error().set_error("message").set_error(std::runtime_error("x"));
  span.set_error(std::make_error_code(std::errc::io_error)).set_error(std::exception_ptr());
  (void)span.context();
  (void)span.is_sampled();
  { auto scope = jtrace::activate(span); }
  { auto child = span.start_child("child of it", {.tags = {{"a", 1}}}); }
  const jtrace::SpanRef reference = span;
  reference.set_tag("k", 1).log("event").set_error("x").set_baggage_item("k", "v").set_operation_name(
      "other");
  span.finish();
  span.finish(std::chrono::system_clock::now());
}

}  // namespace

TEST_CASE("a span without an active one is the root of a new trace") {
  Recorder recorder;
  jtrace::start_span("a").finish();
  jtrace::start_span("b").finish();
  CHECK(is_root(recorder.span("a")));
  CHECK(recorder.span("a").context.is_valid());
  CHECK(recorder.span("a").context.is_sampled());
  CHECK(recorder.span("a").context.trace_id() != recorder.span("b").context.trace_id());
}

TEST_CASE("trace ids have 128 bits, ids are never zero and never repeat") {
  Recorder recorder;
  std::set<jtrace::TraceId> traces;
  std::set<jtrace::SpanId> spans;
  for (int i = 0; i < 5000; ++i) {
    auto span = jtrace::start_span("x");
    CHECK(span.context().trace_id().high != 0);
    CHECK(span.context().is_valid());
    traces.insert(span.context().trace_id());
    spans.insert(span.context().span_id());
  }
  CHECK(traces.size() == 5000);
  CHECK(spans.size() == 5000);
}

TEST_CASE("ids are shown as lower-case hex of full width") {
  CHECK(kRemote.trace_id().hex().str() == "01020304050607081112131415161718");
  CHECK(kRemote.span_id().hex().str() == "2122232425262728");
  const auto hex = jtrace::SpanId{0xabc}.hex();
  CHECK(std::string(hex.c_str()) == "0000000000000abc");
}

TEST_CASE("the active span is the parent of what starts meanwhile, by every way to start") {
  Recorder recorder;
  {
    auto outer = jtrace::start_active_span("outer");
    jtrace::start_span("free span").finish();
    recorder.tracer().start_span("tracer's span").finish();
    { auto active = jtrace::start_active_span("free active span"); }
    { auto active = recorder.tracer().start_active_span("tracer's active span"); }
    jtrace::start_span("with options", {.kind = jtrace::Kind::client}).finish();
  }
  const auto outer = recorder.span("outer").context;
  for (const char* name :
       {"free span", "tracer's span", "free active span", "tracer's active span", "with options"}) {
    CAPTURE(std::string(name));
    CHECK(is_child(recorder.span(name), outer));
  }
  CHECK(is_root(recorder.span("outer")));
}

TEST_CASE("a span that was only started is nobody's implicit parent") {
  Recorder recorder;
  auto passive = jtrace::start_span("passive");
  jtrace::start_span("other").finish();
  CHECK(is_root(recorder.span("other")));
}

TEST_CASE("child_of beats the active span: a span, a scope, a reference, a context") {
  Recorder recorder;
  auto parent = jtrace::start_span("parent");
  const jtrace::SpanContext context = parent.context();
  const jtrace::SpanRef reference = parent;
  {
    auto elsewhere = jtrace::start_active_span("elsewhere");
    jtrace::start_span("by span", {.child_of = parent}).finish();
    jtrace::start_span("by reference", {.child_of = reference}).finish();
    jtrace::start_span("by context", {.child_of = context}).finish();
    jtrace::start_span("by temporary context", {.child_of = parent.context()}).finish();
    parent.start_child("by start_child").finish();
    parent.start_child("by start_child with options", {.kind = jtrace::Kind::client}).finish();
    parent.start_child("other child_of is ignored", {.child_of = elsewhere}).finish();
    reference.start_child("by the reference's start_child").finish();
    jtrace::start_span("by scope", {.child_of = elsewhere}).finish();
  }
  for (const char* name :
       {"by span", "by reference", "by context", "by temporary context", "by start_child",
        "by start_child with options", "other child_of is ignored", "by the reference's start_child"}) {
    CAPTURE(std::string(name));
    CHECK(is_child(recorder.span(name), context));
  }
  CHECK(is_child(recorder.span("by scope"), recorder.span("elsewhere").context));
}

TEST_CASE("root starts a new trace although a span is active") {
  Recorder recorder;
  auto outer = jtrace::start_active_span("outer");
  jtrace::start_span("new", {.child_of = jtrace::root}).finish();
  CHECK(is_root(recorder.span("new")));
  CHECK(recorder.span("new").context.trace_id() != outer->context().trace_id());
}

TEST_CASE("an inert or invalid child_of gives a root although a span is active") {
  Recorder recorder;
  auto outer = jtrace::start_active_span("outer");
  jtrace::Span inert;
  auto moved = jtrace::start_span("moved");
  auto holder = std::move(moved);
  jtrace::SpanRef late;
  {
    auto gone = jtrace::start_span("gone");
    late = gone;
  }
  auto off = jtrace::Tracer().start_active_span("off");
  jtrace::start_span("of inert", {.child_of = inert}).finish();
  jtrace::start_span("of moved", {.child_of = moved}).finish();
  jtrace::start_span("of late", {.child_of = late}).finish();
  jtrace::start_span("of no reference", {.child_of = jtrace::SpanRef()}).finish();
  jtrace::start_span("of off", {.child_of = off}).finish();
  jtrace::start_span("of invalid", {.child_of = jtrace::SpanContext()}).finish();
  jtrace::start_span("of half", {.child_of = jtrace::SpanContext({1, 2}, {}, true)}).finish();
  jtrace::start_span("of other half", {.child_of = jtrace::SpanContext({}, {3}, true)}).finish();
  for (const char* name : {"of inert", "of moved", "of late", "of no reference", "of off", "of invalid",
                           "of half", "of other half"}) {
    CAPTURE(std::string(name));
    CHECK(is_root(recorder.span(name)));
    CHECK(recorder.span(name).context.trace_id() != outer->context().trace_id());
  }
}

TEST_CASE("start_child of an inert span is inert, also when a span is active") {
  Recorder recorder;
  auto outer = jtrace::start_active_span("outer");
  jtrace::SpanRef late;
  { late = jtrace::start_span("gone"); }
  CHECK_FALSE(jtrace::Span().start_child("a"));
  CHECK_FALSE(jtrace::SpanRef().start_child("b"));
  CHECK_FALSE(late.start_child("c"));
  CHECK_FALSE(late.start_child("d", {.kind = jtrace::Kind::client}));
  CHECK(recorder.tree() == "gone\n");
}

TEST_CASE("a remote context is continued: its trace, its decision, both halves of the id") {
  Recorder recorder;
  jtrace::start_span("kept", {.child_of = kRemote}).finish();
  recorder.sample(false);
  jtrace::start_span("kept although new traces are not", {.child_of = kRemote}).finish();
  recorder.sample(true);
  auto not_kept = jtrace::start_span("not kept", {.child_of = kRemoteUnsampled});
  CHECK_FALSE(not_kept.is_sampled());
  CHECK_FALSE(not_kept.is_recording());
  CHECK(not_kept.context().is_valid());
  CHECK(not_kept.context().trace_id() == kRemote.trace_id());
  not_kept.finish();
  CHECK(is_child(recorder.span("kept"), kRemote));
  CHECK(is_child(recorder.span("kept although new traces are not"), kRemote));
  CHECK(recorder.spans().size() == 2);
}

TEST_CASE("context() stays the same after finish") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  const auto before = span.context();
  span.finish();
  CHECK(span.context().is_valid());
  CHECK(span.context() == before);
  CHECK(span.context().is_sampled());
  CHECK_FALSE(span.is_recording());
  CHECK_FALSE(static_cast<bool>(span));
  jtrace::start_span("child of the finished", {.child_of = span}).finish();
  span.start_child("another").finish();
  CHECK(is_child(recorder.span("child of the finished"), before));
  CHECK(is_child(recorder.span("another"), before));
}

TEST_CASE("a context outlives its span, its thread and its recorder") {
  jtrace::SpanContext kept;
  {
    Recorder recorder;
    std::thread([&] {
      auto span = jtrace::start_span("short");
      span.set_baggage_item("user", "alice");
      kept = span.context();
    }).join();
  }
  CHECK(kept.is_valid());
  CHECK(kept.baggage_item("user") == "alice");
}

TEST_CASE("a span can follow from finished spans, contexts and several at once") {
  Recorder recorder;
  auto done = jtrace::start_span("done");
  done.finish();
  auto open = jtrace::start_span("open");
  jtrace::start_span("one", {.follows_from = done}).finish();
  jtrace::start_span("many", {.follows_from = {done, open, kRemote}}).finish();
  jtrace::start_span("both", {.child_of = open, .follows_from = {done.context()}}).finish();
  CHECK(follows(recorder.span("one"), done.context()));
  CHECK(follows(recorder.span("many"), done.context()));
  CHECK(follows(recorder.span("many"), open.context()));
  CHECK(follows(recorder.span("many"), kRemote));
  CHECK(is_child(recorder.span("both"), open.context()));
  CHECK(follows(recorder.span("both"), done.context()));
  CHECK(recorder.span("both").references.size() == 2);
}

TEST_CASE("following an inert span refers to nobody") {
  Recorder recorder;
  jtrace::Span inert;
  jtrace::start_span("x", {.follows_from = {inert, jtrace::SpanContext()}}).finish();
  CHECK(recorder.span("x").references.empty());
}

TEST_CASE("a span is delivered once, however often it is finished") {
  Recorder recorder;
  const auto before = recorder.tracer().stats().finished_twice;
  {
    auto span = jtrace::start_span("x");
    span.finish();
    span.finish();
    span.finish(std::chrono::system_clock::now());
    span.set_tag("late", 1).log("late").set_error("late").set_operation_name("late");
  }
  REQUIRE(recorder.spans().size() == 1);
  CHECK(recorder.spans()[0].name == "x");
  CHECK_FALSE(recorder.spans()[0].tag("late"));
  CHECK_FALSE(recorder.spans()[0].is_error());
  CHECK(recorder.spans()[0].logs.empty());
  CHECK(recorder.tracer().stats().finished_twice == before + 2);
}

TEST_CASE("a span moves: the one it was moved from is inert, the other goes on") {
  Recorder recorder;
  auto first = jtrace::start_span("first");
  const auto context = first.context();
  jtrace::Span second = std::move(first);
  CHECK_FALSE(static_cast<bool>(first));  // NOLINT: that is the point
  CHECK_FALSE(first.context().is_valid());
  CHECK(second.context() == context);
  call_everything(first);
  CHECK(second.is_recording());
  second.set_tag("k", 2);
  second.finish();
  CHECK(recorder.span("first").has_tag("k", 2));
}

TEST_CASE("assigning to a span finishes the one it held") {
  Recorder recorder;
  auto span = jtrace::start_span("one");
  span = jtrace::start_span("two");
  CHECK(recorder.tree() == "one\n");
  auto& same = span;
  span = std::move(same);
  CHECK(span.is_recording());
  span = jtrace::Span();
  CHECK(recorder.spans().size() == 2);
}

TEST_CASE("every call on an inert, a finished, an unsampled or a switched-off span is harmless") {
  Recorder recorder;
  jtrace::Span inert;
  call_everything(inert);
  CHECK(recorder.spans().empty());

  auto off = jtrace::Tracer().start_span("off", {.child_of = kRemote, .tags = {{"a", 1}}});
  CHECK_FALSE(off.context().is_valid());
  call_everything(off);
  CHECK(recorder.spans().empty());

  recorder.sample(false);
  auto unsampled = jtrace::start_span("unsampled");
  CHECK(unsampled.context().is_valid());
  CHECK_FALSE(unsampled.is_sampled());
  call_everything(unsampled);
  CHECK(recorder.spans().empty());

  recorder.sample(true);
  auto finished = jtrace::start_span("finished");
  finished.finish();
  call_everything(finished);
  CHECK(recorder.spans().size() == 2);  // and the child that was started of it
}

TEST_CASE("a tracer that is off, closed or default-made answers every call") {
  const jtrace::Tracer none;
  CHECK_FALSE(none.enabled());
  CHECK(none.flush(1s));
  CHECK(none.close(0.5s));
  CHECK(none.stats().finished == 0);
  CHECK(none.stats().is_balanced());
  CHECK_FALSE(none.start_span("x"));
  auto active = none.start_active_span("x", {.kind = jtrace::Kind::client});
  active->set_tag("a", 1).log("x");
  CHECK_FALSE(jtrace::active_span());
  CHECK_FALSE(jtrace::active_context().is_valid());
}

TEST_CASE("without a recorder or a configuration the global tracer is off and costs nothing but a look") {
  CHECK_FALSE(jtrace::tracer().enabled());
  int calls = 0;
  {
    auto span = jtrace::start_active_span("x", {.tags = {{"a", 1}}});
    span->set_tag("lazy", [&] { return ++calls; });
    CHECK_FALSE(span->context().is_valid());
    CHECK_FALSE(jtrace::active_span());
    auto child = span->start_child("child");
    CHECK_FALSE(child.context().is_valid());
  }
  CHECK(calls == 0);
  CHECK(jtrace::tracer().stats().started == 0);
  CHECK(jtrace::tracer().flush(1h));
}

TEST_CASE("unsampled: one decision for the whole trace, contexts all the same, nothing delivered") {
  Recorder recorder;
  recorder.sample(false);
  {
    auto root = jtrace::start_active_span("root");
    CHECK(root->context().is_valid());
    CHECK_FALSE(root->is_sampled());
    recorder.sample(true);
    auto child = jtrace::start_active_span("child");
    CHECK_FALSE(child->is_sampled());
    CHECK(child->context().trace_id() == root->context().trace_id());
    CHECK(child->context().span_id() != root->context().span_id());
    auto fresh = jtrace::start_span("fresh", {.child_of = jtrace::root});
    CHECK(fresh.is_sampled());
  }
  CHECK(recorder.tree() == "fresh\n");
}

TEST_CASE("a span reference does what the span does, and cannot finish it") {
  Recorder recorder;
  {
    auto span = jtrace::start_active_span("first name");
    const jtrace::SpanRef reference = jtrace::active_span();
    CHECK(reference.is_recording());
    CHECK(reference.is_sampled());
    CHECK(reference.context() == span->context());
    reference.set_tag("a", 1).set_tag("b", [] { return "lazy"; }).log("event").log({{"n", 1}});
    reference.set_operation_name("x").set_baggage_item("k", "v").set_error("bad");
    const auto context = span->context();
    CHECK(context.baggage_item("k") == "v");
  }
  const RecordedSpan& span = recorder.span("x");
  CHECK(span.has_tag("a", 1));
  CHECK(span.has_tag("b", "lazy"));
  CHECK(span.is_error());
  CHECK(span.logs.size() == 4);
}

TEST_CASE("a late reference never touches the span that got the same memory next") {
  Recorder recorder;
  std::vector<jtrace::SpanRef> late;
  for (int i = 0; i < 500; ++i) {
    auto gone = jtrace::start_active_span("gone");
    late.push_back(jtrace::active_span());
  }
  std::vector<jtrace::Span> tenants;
  for (int i = 0; i < 500; ++i) tenants.push_back(jtrace::start_span("tenant"));
  for (const jtrace::SpanRef& reference : late) {
    CHECK_FALSE(reference.is_recording());
    CHECK_FALSE(reference.context().is_valid());
    reference.set_tag("late", true).set_error("late").set_operation_name("late").log("late");
    reference.set_baggage_item("late", "late");
  }
  tenants.clear();
  int touched = 0, found = 0;
  for (const RecordedSpan& span : recorder.spans()) {
    if (span.name == "gone") continue;
    ++found;
    touched += span.name != "tenant" || span.tag("late") || !span.logs.empty() || span.is_error() ||
               span.context.has_baggage();
  }
  CHECK(found == 500);
  CHECK(touched == 0);
}

TEST_CASE("a reference to a finished span that is still held keeps its context") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  const jtrace::SpanRef reference = span;
  const auto context = span.context();
  span.finish();
  CHECK_FALSE(reference.is_recording());
  reference.set_tag("late", 1);
  CHECK(reference.context() == context);
  CHECK_FALSE(recorder.span("x").tag("late"));
}

TEST_CASE("a span may be made on one thread, filled on a second and finished on a third") {
  Recorder recorder;
  jtrace::Span span;
  std::thread([&] { span = jtrace::start_span("travelling").set_tag("first", 1); }).join();
  std::thread([&] { span.set_tag("second", 2).log("on the way"); }).join();
  std::thread([moved = std::move(span)]() mutable { moved.set_tag("third", 3); }).join();
  const RecordedSpan& arrived = recorder.span("travelling");
  CHECK(arrived.has_tag("first", 1));
  CHECK(arrived.has_tag("second", 2));
  CHECK(arrived.has_tag("third", 3));
}

TEST_CASE("baggage goes to the children that start later, not to those before nor to the parent") {
  Recorder recorder;
  auto parent = jtrace::start_active_span("parent");
  auto early = jtrace::start_span("early");
  auto child = jtrace::start_active_span("child");
  child->set_baggage_item("user", "alice").set_baggage_item("plan", "gold");
  auto grandchild = jtrace::start_span("grandchild");
  const auto below = grandchild.context();
  CHECK(below.baggage_item("user") == "alice");
  CHECK(below.baggage_item("plan") == "gold");
  CHECK(below.baggage_item("other").empty());
  const auto above = parent->context(), beside = early.context();
  CHECK_FALSE(above.has_baggage());
  CHECK_FALSE(beside.has_baggage());
  const auto active = jtrace::active_context();
  CHECK(active.baggage_item("user") == "alice");
}

TEST_CASE("a baggage item that is set again is replaced, also for a child, and the parent keeps its own") {
  Recorder recorder;
  auto parent = jtrace::start_span("parent");
  parent.set_baggage_item("user", "alice").set_baggage_item("user", "bob");
  auto child = parent.start_child("child");
  child.set_baggage_item("user", "carol");
  const auto above = parent.context(), below = child.context();
  CHECK(above.baggage_item("user") == "bob");
  CHECK(below.baggage_item("user") == "carol");
  std::string seen;
  below.visit_baggage(
      [&](std::string_view key, std::string_view value) { seen.append(key).append("=").append(value); });
  CHECK(seen == "user=carol");
}

TEST_CASE("a context that was taken before keeps the baggage of that moment") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  span.set_baggage_item("a", "1");
  const auto before = span.context();
  span.set_baggage_item("b", "2");
  const auto after = span.context();
  CHECK(before.baggage_item("a") == "1");
  CHECK(before.baggage_item("b").empty());
  CHECK(after.baggage_item("b") == "2");
  CHECK(before == after);
}

TEST_CASE("baggage is carried by unsampled spans too") {
  Recorder recorder;
  recorder.sample(false);
  auto span = jtrace::start_active_span("x");
  span->set_baggage_item("user", "alice");
  auto child = jtrace::start_span("child");
  const auto context = child.context();
  CHECK(context.baggage_item("user") == "alice");
}

TEST_CASE("baggage may be copied and dropped on many threads at once") {
  // A breach shows as a race under TSan, as a use after free under ASan, or as a wrong text.
  Recorder recorder;
  auto span = jtrace::start_span("x");
  span.set_baggage_item("user", "alice");
  const auto shared = span.context();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const jtrace::SpanContext copy = shared;
        auto child = jtrace::start_span("child", {.child_of = copy});
        const auto below = child.context();
        wrong += below.baggage_item("user") != "alice";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE(
    "the recorder stands behind the global tracer and copies of it made before, and puts back what was "
    "there") {
  const jtrace::Tracer copy = jtrace::tracer();
  CHECK_FALSE(copy.enabled());
  {
    Recorder recorder;
    CHECK(copy.enabled());
    CHECK(jtrace::tracer().enabled());
    copy.start_span("by the copy").finish();
    jtrace::tracer().start_span("by the global").finish();
    recorder.tracer().start_span("by its own").finish();
    CHECK(recorder.spans().size() == 3);
  }
  CHECK_FALSE(copy.enabled());
  CHECK_FALSE(jtrace::start_span("after"));
}

TEST_CASE("recorders nest: the inner one takes over, the outer one goes on afterwards") {
  Recorder outer;
  jtrace::start_span("before").finish();
  {
    Recorder inner;
    jtrace::start_span("inside").finish();
    CHECK(inner.tree() == "inside\n");
    inner.sample(false);
  }
  jtrace::start_span("after").finish();
  CHECK(outer.tree() == "before\nafter\n");
}

TEST_CASE("a span belongs to the recorder under which it started") {
  Recorder outer;
  auto early = jtrace::start_span("early");
  jtrace::Span outlives;
  {
    Recorder inner;
    early.finish();
    outlives = jtrace::start_span("outlives");
    CHECK(inner.spans().empty());
  }
  outlives.set_tag("still", "harmless");
  outlives.finish();
  CHECK(outlives.context().is_valid());
  CHECK(outer.tree() == "early\n");
}

TEST_CASE("the recorder sees what other threads finished, in each thread's order") {
  Recorder recorder;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 250; ++i) jtrace::start_span("t", {.tags = {{"thread", t}, {"n", i}}}).finish();
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(recorder.spans().size() == 1000);
  std::int64_t next[4] = {};
  int out_of_order = 0;
  for (const RecordedSpan& span : recorder.spans()) {
    const auto thread = static_cast<std::size_t>(span.tag("thread")->as_integer());
    out_of_order += span.tag("n")->as_integer() != next[thread]++;
  }
  CHECK(out_of_order == 0);
}

TEST_CASE("the recorder shows a trace as an indented tree, siblings by start, errors with a mark") {
  Recorder recorder;
  {
    auto spider = jtrace::start_active_span("spider");
    auto last = jtrace::start_span("finished last");
    { auto download = jtrace::start_active_span("download"); }
    {
      auto insert = jtrace::start_active_span("insert");
      jtrace::start_span("make_sql").finish();
      auto to_db = jtrace::start_span("to_db");
      to_db.set_error("gone");
    }
    last.finish();
  }
  jtrace::start_span("other trace").finish();
  jtrace::start_span("remote parent", {.child_of = kRemote}).finish();
  CHECK(recorder.tree() ==
        "spider\n  finished last\n  download\n  insert\n    make_sql\n    to_db !\nother trace\nremote "
        "parent\n");
}

TEST_CASE("the recorder can be cleared, and names what it has when asked for what it has not") {
  Recorder recorder;
  jtrace::start_span("here").finish();
  CHECK_THROWS_AS(recorder.span("not here"), std::out_of_range);
  try {
    recorder.span("not here");
  } catch (const std::out_of_range& error) {
    CHECK(std::string(error.what()).find("here") != std::string::npos);
  }
  recorder.clear();
  CHECK(recorder.spans().empty());
  CHECK(recorder.tree().empty());
  jtrace::start_span("again").finish();
  CHECK(recorder.tree() == "again\n");
}

TEST_CASE("the recorder's first span of a name is the first that was finished") {
  Recorder recorder;
  jtrace::start_span("twin", {.tags = {{"n", 1}}}).finish();
  jtrace::start_span("twin", {.tags = {{"n", 2}}}).finish();
  CHECK(recorder.span("twin").has_tag("n", 1));
}

TEST_CASE("spans that a recorder handed out live as long as it does") {
  Recorder recorder;
  jtrace::start_span("early", {.tags = {{"text", "a text of some length, not a short one"}}}).finish();
  const RecordedSpan& early = recorder.span("early");
  for (int i = 0; i < 3000; ++i) jtrace::start_span("more", {.tags = {{"text", "more"}}}).finish();
  REQUIRE(recorder.spans().size() == 3001);
  CHECK(early.name == "early");
  CHECK(early.has_tag("text", "a text of some length, not a short one"));
}

TEST_CASE("many recorders, one after the other, do not pile up memory") {
  const auto one = [] {
    Recorder recorder;
    for (int i = 0; i < 100; ++i) jtrace::start_span("x").finish();
    CHECK(recorder.spans().size() == 100);
  };
  for (int i = 0; i < 50; ++i) one();
  const std::size_t before = support::resident_bytes();
  for (int i = 0; i < 300; ++i) one();
  const std::size_t after = support::resident_bytes();
  if (!support::is_sanitized()) CHECK(after < before + (std::size_t{32} << 20));
}

TEST_CASE("the counters of a recorder's tracer close") {
  Recorder recorder;
  for (int i = 0; i < 10; ++i) jtrace::start_span("x").finish();
  recorder.sample(false);
  jtrace::start_span("y").finish();
  recorder.spans();
  const jtrace::Stats stats = recorder.tracer().stats();
  CAPTURE(stats.acknowledged);
  CAPTURE(stats.queued);
  CAPTURE(stats.dropped());
  CAPTURE(stats.failed());
  CHECK(stats.started == 10);
  CHECK(stats.finished == 10);
  CHECK(stats.not_sampled == 1);
  CHECK(stats.is_balanced());
}

TEST_CASE("the library knows its version") {
  CHECK(std::string(jtrace::version()) == JTRACE_VERSION);
}
