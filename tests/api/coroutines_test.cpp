// scope.carry over suspensions and thread hops, and spans of traced coroutines. Several threads take part: a breach of what is
// promised shows as a wrong parent, as something that is still active where it should not be, or as a race under TSan.
#include <doctest/doctest.h>

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "jtrace/testing.h"
#include "jtrace/trace.h"
#include "tasks.h"

namespace {

using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using tasks::Detached;
using tasks::Pool;
using tasks::Task;
using tasks::wait_for;

// Without the optimizer g++ resumes one coroutine from another by a call, as it does with some sanitizers.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr int kOften = 300'000;
#else
constexpr int kOften = 300;
#endif

bool nothing_is_active() { return !jtrace::active_span() && !jtrace::active_context().is_valid(); }

void touch(const char* name) { jtrace::start_span(name).finish(); }

// Goes on in a thread of its own, which has a span of its own; afterwards that one has to be active there again.
struct OtherThread {
  std::thread& thread;
  bool& restored;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const {
    std::thread& other = thread;  // the awaiter may be gone once that one runs
    other = std::thread([self, &restored_there = restored] {
      auto resumer = jtrace::start_active_span("resumer");
      const auto before = resumer->context();
      self.resume();
      restored_there = jtrace::active_context() == before;
    });
  }
  void await_resume() const noexcept {}
};

Detached handle(std::thread (&threads)[2], bool (&restored)[2]) {
  auto scope = jtrace::start_active_span("handle");
  auto inner = jtrace::start_active_span("inner");
  co_await scope.carry(OtherThread{threads[0], restored[0]});
  touch("after the first hop");
  inner.close();
  co_await scope.carry(OtherThread{threads[1], restored[1]});
  touch("after the second hop");
}

// Kept by whoever resumes it.
struct Parked {
  std::coroutine_handle<>& handle;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const noexcept { handle = self; }
  void await_resume() const noexcept {}
};

struct Refusing {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { throw std::runtime_error("no room"); }
  void await_resume() const noexcept {}
};
struct NotAfterAll {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  int await_resume() const noexcept { return 4; }
};

}  // namespace

TEST_CASE("carry keeps the active spans over hops, and gives caller and resumers their own back") {
  Recorder recorder;
  std::thread threads[2];
  bool restored[2] = {};
  {
    auto caller = jtrace::start_active_span("caller");
    handle(threads, restored);
    CHECK(jtrace::active_span().context() == caller->context());
  }
  // The first thread starts the second one.
  threads[0].join();
  threads[1].join();
  CHECK(restored[0]);
  CHECK(restored[1]);
  CHECK(nothing_is_active());
  const auto id = [&](const char* name) { return recorder.span(name).context.span_id(); };
  CHECK(recorder.span("handle").parent == id("caller"));
  CHECK(recorder.span("inner").parent == id("handle"));
  CHECK(recorder.span("after the first hop").parent == id("inner"));
  CHECK(recorder.span("after the second hop").parent == id("handle"));
  CHECK(recorder.spans().size() == 7);
}

TEST_CASE("carry passes on what the awaitable gives, ready or not, and an awaiter's refusal") {
  Recorder recorder;
  int got = 0;
  bool was_active = false;
  const auto run = [&]() -> Detached {
    auto scope = jtrace::start_active_span("scope");
    co_await scope.carry(std::suspend_never());
    was_active = jtrace::active_context() == scope->context();
    got = co_await scope.carry(NotAfterAll());
    was_active = was_active && jtrace::active_context() == scope->context();
    NotAfterAll kept;
    got += co_await scope.carry(kept);
    try {
      co_await scope.carry(Refusing());
    } catch (const std::runtime_error&) {
      was_active = was_active && jtrace::active_context() == scope->context();
      got += 100;
    }
  };
  run();
  CHECK(got == 108);
  CHECK(was_active);
  CHECK(nothing_is_active());
  CHECK_FALSE(recorder.span("scope").is_error());
}

TEST_CASE("while a coroutine is suspended its scopes are active nowhere") {
  Recorder recorder;
  std::coroutine_handle<> parked;
  const auto run = [&]() -> Detached {
    auto scope = jtrace::start_active_span("scope");
    co_await scope.carry(Parked{parked});
    touch("child");
  };
  run();
  CHECK(nothing_is_active());
  touch("stranger");
  {
    auto resumer = jtrace::start_active_span("resumer");
    parked.resume();
    CHECK(jtrace::active_context() == resumer->context());
  }
  CHECK(recorder.tree() == "scope\n  child\nstranger\nresumer\n");
}

TEST_CASE("a coroutine that is destroyed while it is suspended finishes its spans and leaves nothing active") {
  Recorder recorder;
  for (int i = 0; i < 2000; ++i) {
    std::coroutine_handle<> parked;
    const auto run = [&]() -> Detached {
      auto scope = jtrace::start_active_span("scope");
      auto inner = jtrace::start_active_span("inner");
      co_await scope.carry(Parked{parked});
    };
    run();
    if (i % 2 == 0) {
      parked.destroy();
    } else if (i < 100) {
      std::thread([&] { parked.destroy(); }).join();
    } else {
      parked.resume();
    }
  }
  CHECK(nothing_is_active());
  CHECK(recorder.spans().size() == 4000);
}

TEST_CASE("the scopes of coroutines that are destroyed while they are suspended can be used again") {
  Recorder recorder;
  recorder.sample(false);
  constexpr int kMoreThanThereAre = 300'000;
  for (int i = 0; i < kMoreThanThereAre; ++i) {
    std::coroutine_handle<> parked;
    const auto run = [&]() -> Detached {
      auto scope = jtrace::start_active_span("scope");
      co_await scope.carry(Parked{parked});
    };
    run();
    parked.destroy();
  }
  auto scope = jtrace::start_active_span("scope");
  CHECK(jtrace::active_context() == scope->context());
}

TEST_CASE("scopes that are closed elsewhere while the coroutine is suspended stay closed") {
  Recorder recorder;
  std::coroutine_handle<> parked;
  std::optional<jtrace::ActiveSpan> inner;
  const auto run = [&]() -> Detached {
    auto scope = jtrace::start_active_span("scope");
    inner.emplace(jtrace::start_active_span("inner"));
    co_await scope.carry(Parked{parked});
    touch("child");
  };
  run();
  std::thread([&] { inner.reset(); }).join();
  parked.resume();
  CHECK(nothing_is_active());
  CHECK(recorder.span("child").parent == recorder.span("scope").context.span_id());
}

TEST_CASE("carry on a closed scope, and where tracing is off, changes nothing") {
  std::coroutine_handle<> parked;
  int steps = 0;
  const auto run = [&]() -> Detached {
    auto scope = jtrace::start_active_span("scope");
    if (scope.span()) scope.close();
    co_await scope.carry(Parked{parked});
    ++steps;
  };
  run();
  parked.resume();
  Recorder recorder;
  run();
  parked.resume();
  CHECK(steps == 2);
  CHECK(nothing_is_active());
}

namespace {

Task<int> leaf(Pool& pool, int n) {
  JTRACE_FUNCTION_AS(scope);
  scope->set_tag("n", n);
  co_await scope.carry(pool.hop());
  touch("in leaf");
  co_return n;
}
Task<int> branch(Pool& pool, int n) {
  JTRACE_FUNCTION_AS(scope);
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await scope.carry(leaf(pool, i));
  touch("in branch");
  co_return sum;
}
Task<int> ready(int n) { co_return n; }
Task<int> many(int n) {
  auto scope = jtrace::start_active_span("many");
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await scope.carry(ready(1));
  co_return sum;
}
Task<int> many_traced(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await jtrace::traced<&ready>(1);
  co_return sum;
}
Task<std::unique_ptr<int>> failing(Pool& pool) {
  co_await pool.hop();
  throw std::out_of_range("nothing there");
}
// Caught where it was thrown: TSan does not see how libstdc++ counts an exception's holders.
Task<bool> is_out_of_range(Pool& pool) {
  try {
    co_await jtrace::trace("failing", failing, pool);
  } catch (const std::out_of_range&) {
    co_return true;
  }
  co_return false;
}
Task<std::unique_ptr<int>> with_span(int n, jtrace::SpanRef span) {
  span.set_tag("n", n);
  touch("within");
  co_return std::make_unique<int>(n);
}

}  // namespace

TEST_CASE("a lazy coroutine that is awaited by carry starts below the scope, and finds it again behind each hop") {
  Recorder recorder;
  {
    Pool pool(2);
    CHECK(wait_for(branch(pool, 3)) == 3);
  }
  CHECK(recorder.tree() ==
        "branch\n  leaf\n    in leaf\n  leaf\n    in leaf\n  leaf\n    in leaf\n  in branch\n");
  CHECK(nothing_is_active());
}

TEST_CASE("many coroutines on few threads do not mix up their spans") {
  Recorder recorder;
  {
    Pool pool(4);
    std::thread clients[4];
    std::atomic<int> sum{0};
    for (std::thread& client : clients)
      client = std::thread([&] {
        for (int i = 0; i < 50; ++i) sum += wait_for(branch(pool, 4));
      });
    for (std::thread& client : clients) client.join();
    CHECK(sum == 4 * 50 * 6);
    for (int i = 0; i < 4; ++i) pool.post([] { touch("idle"); });
  }
  int wrong = 0, idle = 0;
  for (const RecordedSpan& span : recorder.spans()) {
    idle += span.name == "idle" && span.parent == jtrace::SpanId{};
    wrong += span.name == "branch" && span.parent != jtrace::SpanId{};
  }
  CHECK(idle == 4);
  CHECK(wrong == 0);
  std::string one = "branch\n", wanted;
  for (int i = 0; i < 4; ++i) one += "  leaf\n    in leaf\n";
  one += "  in branch\n";
  for (int i = 0; i < 200; ++i) wanted += one;
  for (int i = 0; i < 4; ++i) wanted += "idle\n";
  CHECK(recorder.tree() == wanted);
}

TEST_CASE("however often a coroutine awaits what is done at once, no stack grows") {
  Recorder recorder;
  recorder.sample(false);
  CHECK(wait_for(many(kOften)) == kOften);
  CHECK(wait_for(many_traced(kOften)) == kOften);
}

TEST_CASE("the span of a traced coroutine lasts until its result is there, on whatever thread") {
  Recorder recorder;
  {
    Pool pool(1);
    auto caller = jtrace::start_active_span("caller");
    Task<int> task = jtrace::traced<&leaf>(pool, 5);
    CHECK(recorder.spans().empty());
    CHECK(wait_for(std::move(task)) == 5);
    CHECK(recorder.spans().size() >= 2);
  }
  CHECK(recorder.tree() == "caller\n  leaf\n    leaf\n      in leaf\n");
}

TEST_CASE("a traced coroutine is handed its span, starts below it, and gives a move-only result") {
  Recorder recorder;
  CHECK(*wait_for(jtrace::traced<&with_span, "renamed">(6)) == 6);
  CHECK(recorder.tree() == "renamed\n  within\n");
  CHECK(recorder.span("renamed").has_tag("n", 6));
  CHECK(nothing_is_active());
}

TEST_CASE("a traced coroutine's exception marks its span") {
  Recorder recorder;
  Pool pool(1);
  CHECK(wait_for(is_out_of_range(pool)));
  const RecordedSpan& span = recorder.span("failing");
  CHECK(span.is_error());
  REQUIRE(span.logs.size() == 1);
  CHECK(*span.logs[0].field("error.kind") == jtrace::Value("std::out_of_range"));
  CHECK(*span.logs[0].field("message") == jtrace::Value("nothing there"));
}

TEST_CASE("a traced coroutine that nobody awaits ends its span when it goes") {
  Recorder recorder;
  { Task<int> task = jtrace::traced<&ready>(1); }
  CHECK(recorder.tree() == "ready\n");
}

TEST_CASE("where tracing is off a traced coroutine is the coroutine itself, and no other is made") {
  const int before = tasks::made;
  { const Task<int> task = jtrace::traced<&ready>(1); }
  CHECK(tasks::made == before + 1);
  Recorder recorder;
  { const Task<int> task = jtrace::traced<&ready>(1); }
  CHECK(tasks::made == before + 3);  // with the one behind which the span ends
}

TEST_CASE("a traced coroutine works as ever when tracing is off") {
  Pool pool(1);
  CHECK(wait_for(jtrace::traced<&leaf>(pool, 5)) == 5);
  CHECK(wait_for(many_traced(10)) == 10);
  CHECK(wait_for(is_out_of_range(pool)));
}
