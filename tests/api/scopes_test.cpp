// What is active on a thread: scopes closed in every order, twice, on other threads; spans that leave by an
// exception.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"

namespace {

using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;

bool nothing_is_active() {
  return !jtrace::active_span() && !jtrace::active_context().is_valid();
}

bool is_active(const jtrace::SpanContext& context) {
  return jtrace::active_context() == context && jtrace::active_span().context() == context;
}

bool has_error_log(const RecordedSpan& span) {
  for (const auto& log : span.logs) {
    const jtrace::Value* event = log.field("event");
    if (event && *event == jtrace::Value("error")) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("an active span is active until the end of its block, then the one below is again") {
  Recorder recorder;
  CHECK(nothing_is_active());
  {
    auto outer = jtrace::start_active_span("outer");
    CHECK(is_active(outer->context()));
    {
      auto inner = jtrace::start_active_span("inner");
      CHECK(is_active(inner->context()));
    }
    CHECK(is_active(outer->context()));
  }
  CHECK(nothing_is_active());
  CHECK(recorder.tree() == "outer\n  inner\n");
}

TEST_CASE("five scopes closed in every order always leave the innermost open one active") {
  Recorder recorder;
  std::array<int, 5> order{};
  std::iota(order.begin(), order.end(), 0);
  int wrong = 0;
  do {
    std::array<std::unique_ptr<jtrace::ActiveSpan>, 5> scopes;
    for (auto& scope : scopes) scope = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("x"));
    for (const int i : order) {
      scopes[static_cast<std::size_t>(i)].reset();
      const auto innermost =
          std::find_if(scopes.rbegin(), scopes.rend(), [](const auto& s) { return s != nullptr; });
      wrong += innermost == scopes.rend() ? !nothing_is_active() : !is_active((*innermost)->span().context());
    }
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(wrong == 0);
  CHECK(nothing_is_active());
  CHECK(recorder.spans().size() == 5 * 120);
}

TEST_CASE("a scope that is opened between others closed out of order is right as well") {
  Recorder recorder;
  auto a = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("a"));
  auto b = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("b"));
  a.reset();
  CHECK(is_active(b->span().context()));
  auto c = jtrace::start_active_span("c");
  CHECK(recorder.span("a").context.trace_id() == c->context().trace_id());
  b.reset();
  CHECK(is_active(c->context()));
  c.close();
  CHECK(nothing_is_active());
}

TEST_CASE("closing twice does nothing, also when others were opened meanwhile") {
  Recorder recorder;
  auto a = jtrace::start_active_span("a");
  a.close();
  auto b = jtrace::start_active_span("b");
  a.close();
  CHECK(is_active(b->context()));
  a->set_tag("late", 1).log("late");
  CHECK_FALSE(recorder.span("a").tag("late"));
  CHECK(recorder.spans().size() == 1);
}

TEST_CASE("close ends the scope and finishes the span") {
  Recorder recorder;
  auto a = jtrace::start_active_span("a");
  a.close();
  CHECK(nothing_is_active());
  CHECK(recorder.tree() == "a\n");
}

TEST_CASE("release ends the scope and hands the span on, still recording") {
  Recorder recorder;
  auto active = jtrace::start_active_span("handed on");
  jtrace::Span span = std::move(active).release();
  CHECK(nothing_is_active());
  CHECK(recorder.spans().empty());
  active.close();  // NOLINT: closed after release
  active->set_tag("nothing", 1);
  std::thread([moved = std::move(span)]() mutable { moved.set_tag("elsewhere", 1); }).join();
  CHECK(recorder.span("handed on").has_tag("elsewhere", 1));
  CHECK_FALSE(recorder.span("handed on").tag("nothing"));
}

TEST_CASE("activate makes a span active and does not finish it") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  {
    auto scope = jtrace::activate(span);
    CHECK(is_active(span.context()));
    jtrace::start_span("child").finish();
    scope.close();
    scope.close();
    CHECK(nothing_is_active());
  }
  CHECK(span.is_recording());
  span.finish();
  CHECK(recorder.tree() == "x\n  child\n");
}

TEST_CASE("a context can be active without a span: children hang below it, there is no active span") {
  Recorder recorder;
  const jtrace::SpanContext remote({1, 2}, {3}, true);
  {
    auto scope = jtrace::activate(remote);
    CHECK(jtrace::active_context() == remote);
    CHECK_FALSE(jtrace::active_span());
    jtrace::active_span().set_tag("nowhere", 1);
    jtrace::start_span("child").finish();
  }
  CHECK(nothing_is_active());
  CHECK(recorder.span("child").parent == jtrace::SpanId{3});
  CHECK(recorder.span("child").context.trace_id() == jtrace::TraceId{1, 2});
}

TEST_CASE("activating an inert span or an invalid context is harmless") {
  Recorder recorder;
  {
    auto scope = jtrace::activate(jtrace::Span());
    auto other = jtrace::activate(jtrace::SpanContext());
    CHECK_FALSE(jtrace::active_span());
    CHECK_FALSE(jtrace::active_context().is_valid());
  }
  CHECK(nothing_is_active());
}

TEST_CASE("the same span can be active on several threads, and several times on one") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  const auto context = span.context();
  auto one = jtrace::activate(span);
  auto two = jtrace::activate(span);
  one.close();
  CHECK(is_active(context));
  two.close();
  CHECK(nothing_is_active());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto scope = jtrace::activate(context);
      auto child = jtrace::start_span("child");
      wrong += child.context().trace_id() != context.trace_id();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("what is active on one thread is not on another") {
  Recorder recorder;
  auto outer = jtrace::start_active_span("outer");
  std::thread([] {
    jtrace::start_span("elsewhere").finish();
    auto own = jtrace::start_active_span("own");
  }).join();
  CHECK(is_active(outer->context()));
  outer.close();
  CHECK(recorder.tree() == "outer\nelsewhere\nown\n");
}

TEST_CASE("scopes move, and a scope that was moved from closes nothing") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  auto first = jtrace::activate(span);
  {
    jtrace::Scope second = std::move(first);
    first.close();  // NOLINT: that is the point
    CHECK(is_active(span.context()));
  }
  CHECK(nothing_is_active());

  auto begin = [] {
    auto begun = jtrace::start_active_span("begun");
    begun->set_tag("a", 1);
    return begun;
  };
  {
    auto active = begin();
    jtrace::ActiveSpan moved = std::move(active);
    active.close();  // NOLINT: that is the point
    active->set_tag("nothing", 1);
    CHECK(is_active(moved->context()));
    jtrace::start_span("in begun").finish();
  }
  CHECK(recorder.span("in begun").parent == recorder.span("begun").context.span_id());
  CHECK_FALSE(recorder.span("begun").tag("nothing"));
}

TEST_CASE("an active span that finished early stays the parent until its scope ends") {
  Recorder recorder;
  {
    auto active = jtrace::start_active_span("early");
    active->finish();
    CHECK_FALSE(jtrace::active_span().is_recording());
    jtrace::start_span("child").finish();
  }
  CHECK(nothing_is_active());
  CHECK(recorder.span("child").parent == recorder.span("early").context.span_id());
}

TEST_CASE(
    "a span may be moved to another thread, finished and destroyed there while its scope is open here") {
  // A breach shows as a race under TSan or a use after free under ASan: the scope has its own copy of the
  // context.
  Recorder recorder;
  for (int i = 0; i < 200; ++i) {
    auto span = jtrace::start_span("moving");
    const auto context = span.context();
    auto scope = jtrace::activate(span);
    std::thread other([moved = std::move(span)]() mutable {
      moved.set_tag("there", 1);
      moved.finish();
      moved = jtrace::Span();
    });
    { auto child = jtrace::start_active_span("child"); }
    CHECK(jtrace::active_context() == context);
    other.join();
    CHECK(jtrace::active_context() == context);
    CHECK_FALSE(jtrace::active_span().is_recording());
    scope.close();
    CHECK(nothing_is_active());
  }
  CHECK(recorder.spans().size() == 400);
}

TEST_CASE("a scope closed on another thread ends on the thread where it was opened") {
  Recorder recorder;
  auto active = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("wrong thread"));
  std::thread([&] {
    auto own = jtrace::start_active_span("the thread's own");
    active.reset();
    CHECK(jtrace::active_span().context() == own->context());
  }).join();
  CHECK(nothing_is_active());
  jtrace::start_span("fresh").finish();
  CHECK(recorder.span("fresh").parent == jtrace::SpanId{});
  CHECK(recorder.spans().size() == 3);
}

TEST_CASE("scopes closed on another thread in the middle of a chain leave the rest right") {
  Recorder recorder;
  auto a = jtrace::start_active_span("a");
  auto b = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("b"));
  auto c = jtrace::start_active_span("c");
  std::thread([&] { b.reset(); }).join();
  CHECK(is_active(c->context()));
  c.close();
  CHECK(is_active(a->context()));
  a.close();
  CHECK(nothing_is_active());
}

TEST_CASE("scopes may be opened here and closed there at the same time as others are opened here") {
  // A breach shows as a race under TSan, or as something that is still active at the end.
  Recorder recorder;
  constexpr int kRounds = 500;
  std::array<std::optional<jtrace::Scope>, kRounds> handed_over;
  std::atomic<int> ready{0};
  std::thread closer([&] {
    for (int i = 0; i < kRounds; ++i) {
      while (ready.load(std::memory_order_acquire) <= i) std::this_thread::yield();
      handed_over[static_cast<std::size_t>(i)].reset();
    }
  });
  auto span = jtrace::start_span("x");
  for (int i = 0; i < kRounds; ++i) {
    handed_over[static_cast<std::size_t>(i)].emplace(jtrace::activate(span));
    ready.store(i + 1, std::memory_order_release);
    auto own = jtrace::start_active_span("own");
  }
  closer.join();
  CHECK(nothing_is_active());
}

TEST_CASE("a scope that outlives its thread is harmless") {
  Recorder recorder;
  std::unique_ptr<jtrace::ActiveSpan> kept;
  std::thread([&] { kept = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("kept")); }).join();
  std::thread([] {
    CHECK_FALSE(jtrace::active_span());
    auto fresh = jtrace::start_active_span("fresh");
  }).join();
  kept->span().set_tag("still", 1);
  kept.reset();
  CHECK(nothing_is_active());
  CHECK(recorder.span("kept").has_tag("still", 1));
  CHECK(recorder.span("fresh").parent == jtrace::SpanId{});
}

TEST_CASE("scopes nest deeply") {
  Recorder recorder;
  std::vector<jtrace::ActiveSpan> scopes;
  for (int i = 0; i < 3000; ++i) scopes.push_back(jtrace::start_active_span("deep"));
  CHECK(is_active(scopes.back()->context()));
  while (!scopes.empty()) scopes.pop_back();
  CHECK(nothing_is_active());
  CHECK(recorder.spans().size() == 3000);
  CHECK(recorder.spans().back().parent == jtrace::SpanId{});
}

TEST_CASE("a scope that is open when the recorder goes is harmless afterwards") {
  std::unique_ptr<jtrace::ActiveSpan> kept;
  {
    Recorder recorder;
    kept = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("kept"));
  }
  kept->span().set_tag("late", 1);
  kept.reset();
  CHECK(nothing_is_active());
}

TEST_CASE("a span that leaves its block by an exception is marked, with a log") {
  Recorder recorder;
  try {
    auto outer = jtrace::start_active_span("outer");
    auto span = jtrace::start_span("passive");
    throw std::runtime_error("boom");
  } catch (const std::runtime_error&) {
  }
  for (const char* name : {"outer", "passive"}) {
    CAPTURE(std::string(name));
    CHECK(recorder.span(name).has_tag("error", true));
    CHECK(has_error_log(recorder.span(name)));
  }
  CHECK(nothing_is_active());
}

TEST_CASE("a span that was finished before the exception is not marked") {
  Recorder recorder;
  try {
    auto span = jtrace::start_active_span("done");
    span.close();
    throw 1;
  } catch (int) {
  }
  CHECK_FALSE(recorder.span("done").is_error());
}

TEST_CASE("catch and continue within the span does not mark it") {
  Recorder recorder;
  {
    auto span = jtrace::start_active_span("calm");
    try {
      auto inner = jtrace::start_active_span("inner");
      throw 1;
    } catch (int) {
    }
    span->set_tag("went on", true);
  }
  CHECK_FALSE(recorder.span("calm").is_error());
  CHECK_FALSE(has_error_log(recorder.span("calm")));
  CHECK(recorder.span("inner").is_error());
}

TEST_CASE("a span made in a catch block is not marked") {
  Recorder recorder;
  try {
    throw 1;
  } catch (int) {
    auto span = jtrace::start_active_span("in catch");
  }
  CHECK_FALSE(recorder.span("in catch").is_error());
}

TEST_CASE("a span made in a destructor during unwinding is not marked, unless a second exception leaves it") {
  struct CleansUp {
    ~CleansUp() {
      { auto span = jtrace::start_active_span("clean-up"); }
      try {
        auto failing = jtrace::start_active_span("failing clean-up");
        throw 2;
      } catch (int) {
      }
    }
  };
  Recorder recorder;
  try {
    auto outer = jtrace::start_active_span("outer");
    const CleansUp guard;
    throw 1;
  } catch (int) {
  }
  CHECK(recorder.span("outer").is_error());
  CHECK_FALSE(recorder.span("clean-up").is_error());
  CHECK(recorder.span("failing clean-up").is_error());
}

TEST_CASE(
    "a span that is handed out of the block by the exception's handler is not marked by a later calm end") {
  Recorder recorder;
  jtrace::Span rescued;
  try {
    throw 1;
  } catch (int) {
    rescued = jtrace::start_span("rescued");
  }
  rescued.finish();
  CHECK_FALSE(recorder.span("rescued").is_error());
}

TEST_CASE("an unsampled span that leaves by an exception is harmless") {
  Recorder recorder;
  recorder.sample(false);
  try {
    auto span = jtrace::start_active_span("x");
    throw 1;
  } catch (int) {
  }
  CHECK(recorder.spans().empty());
  CHECK(nothing_is_active());
}
