// trace, wrap, traced<> and the macros around functions of every kind: what is recorded, and that nothing else about the
// function changes.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/testing.h"
#include "jtrace/trace.h"

namespace shop {

int add(int a, int b) noexcept { return a + b; }
std::size_t total(std::vector<int> prices, const char* currency) { return prices.size() + (currency ? 1 : 0); }
int overloaded(int) { return 1; }
int overloaded(double) { return 2; }
template <class T>
T same(T value) {
  return value;
}
std::unique_ptr<int> pass_on(std::unique_ptr<int> given) { return given; }
int& itself(int& given) { return given; }
void nothing() {}
void fail() { throw std::runtime_error("the shop is closed"); }
void fail_oddly() { throw 7; }

int lends(int n, jtrace::Span& span) {
  span.set_tag("n", n);
  return n;
}
int refers(int n, const jtrace::SpanRef& span) {
  span.set_tag("n", n);
  return n;
}
void takes_over(std::thread& worker, jtrace::Span span) {
  worker = std::thread([span = std::move(span)]() mutable { span.set_tag("worked", true); });
}
void fails_with_span(jtrace::Span& span) {
  span.set_tag("tried", true);
  fail();
}

struct Counter {
  int value = 0;
  int add(int n) { return value += n; }
  int get() const noexcept { return value; }
  int add_and_tell(int n, jtrace::Span& span) {
    span.set_tag("n", n);
    return add(n);
  }
  int take() && { return value; }
  static int zero() { return 0; }
  virtual const char* kind() const { return "counter"; }
  virtual ~Counter() = default;
};
struct Better : Counter {
  const char* kind() const override { return "better"; }
};

std::future<int> order(int n, jtrace::SpanRef span) {
  span.set_tag("n", n);
  return std::async(std::launch::deferred, [n] {
    if (n < 0) throw std::out_of_range("no such order");
    return n;
  });
}

}  // namespace shop

namespace {

using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;

std::size_t count_errors(const RecordedSpan& span) {
  return static_cast<std::size_t>(std::count_if(span.logs.begin(), span.logs.end(), [](const auto& log) {
    const jtrace::Value* event = log.field("event");
    return event && *event == jtrace::Value("error");
  }));
}

bool says(const RecordedSpan& span, const char* kind, const char* message) {
  for (const auto& log : span.logs) {
    const jtrace::Value* said_kind = log.field("error.kind");
    const jtrace::Value* said = log.field("message");
    if (said_kind && *said_kind == jtrace::Value(kind) && said && *said == jtrace::Value(message)) return true;
  }
  return false;
}

using Callback = int (*)(int, int);
int call_back(Callback callback) { return callback(1, 2); }

}  // namespace

TEST_CASE("trace runs what it is given now, in an active span of that name, and returns what that returns") {
  Recorder recorder;
  const int got = jtrace::trace("outer", [] {
    jtrace::start_span("inner").finish();
    return 5;
  });
  CHECK(got == 5);
  CHECK(jtrace::trace("sum", shop::add, 1, 2) == 3);
  jtrace::trace("nothing", shop::nothing);
  CHECK(recorder.tree() == "outer\n  inner\nsum\nnothing\n");
  CHECK_FALSE(jtrace::active_span());
}

TEST_CASE("traced<&f> is named as f is, or as one says, and calls like f") {
  Recorder recorder;
  CHECK(jtrace::traced<&shop::add>(1, 2) == 3);
  CHECK(jtrace::traced<&shop::add, "sum">(1, 2) == 3);
  CHECK(jtrace::traced<&shop::total>({1, 2, 3}, nullptr) == 3);  // braces and nullptr
  CHECK(jtrace::traced<jtrace::overload<int(double)>(&shop::overloaded)>(1) == 2);
  CHECK(jtrace::traced<&shop::same<std::string>>("x") == "x");
  CHECK(recorder.tree() == "shop::add\nsum\nshop::total\nshop::overloaded\nshop::same\n");
}

TEST_CASE("references, move-only arguments and results pass through as they are") {
  Recorder recorder;
  int number = 1;
  CHECK(&jtrace::traced<&shop::itself>(number) == &number);
  CHECK(&jtrace::trace("itself", shop::itself, number) == &number);
  CHECK(*jtrace::traced<&shop::pass_on>(std::make_unique<int>(5)) == 5);
  CHECK(*jtrace::trace("pass on", shop::pass_on, std::make_unique<int>(6)) == 6);
  static_assert(std::is_same_v<decltype(jtrace::traced<&shop::itself>(number)), int&>);
  static_assert(noexcept(jtrace::traced<&shop::add>(1, 2)) && !noexcept(jtrace::traced<&shop::itself>(number)));
}

TEST_CASE("methods are called with their object first: const, static, virtual, of rvalues, by pointer") {
  Recorder recorder;
  shop::Better counter;
  const shop::Counter& base = counter;
  CHECK(jtrace::traced<&shop::Counter::add>(counter, 2) == 2);
  CHECK(jtrace::traced<&shop::Counter::add>(&counter, 2) == 4);
  CHECK(jtrace::traced<&shop::Counter::get>(base) == 4);
  CHECK(jtrace::traced<&shop::Counter::take>(std::move(counter)) == 4);
  CHECK(jtrace::traced<&shop::Counter::zero>() == 0);
  CHECK(jtrace::traced<&shop::Counter::kind>(base) == std::string("better"));
  CHECK(jtrace::traced<&shop::Counter::add_and_tell>(counter, 1) == 5);
  CHECK(recorder.tree() ==
        "shop::Counter::add\nshop::Counter::add\nshop::Counter::get\nshop::Counter::take\nshop::Counter::zero\n"
        "shop::Counter::kind\nshop::Counter::add_and_tell\n");
  CHECK(recorder.span("shop::Counter::add_and_tell").has_tag("n", 1));
}

TEST_CASE("a traced function is a function object: for algorithms, threads and C callbacks") {
  Recorder recorder;
  const std::vector<int> numbers{1, 2};
  std::for_each(numbers.begin(), numbers.end(), jtrace::traced<&shop::lends>);
  std::thread(jtrace::traced<&shop::add>, 1, 2).join();
  CHECK(call_back(jtrace::traced<&shop::add>) == 3);
  const std::function<int(int, int)> stored = jtrace::traced<&shop::add>;
  CHECK(stored(2, 3) == 5);
  CHECK(recorder.spans().size() == 5);
}

TEST_CASE("a function that cannot be called without it is handed its span: borrowed, referred to, or taken over") {
  Recorder recorder;
  CHECK(jtrace::traced<&shop::lends>(4) == 4);
  CHECK(jtrace::traced<&shop::refers>(5) == 5);
  jtrace::trace("lambda", [](jtrace::Span& span) { span.set_tag("n", 6); });
  jtrace::trace("generic", [](auto& span) { span.set_tag("n", 7); });
  CHECK(recorder.span("shop::lends").has_tag("n", 4));
  CHECK(recorder.span("shop::refers").has_tag("n", 5));
  CHECK(recorder.span("lambda").has_tag("n", 6));
  CHECK(recorder.span("generic").has_tag("n", 7));

  std::thread worker;
  jtrace::traced<&shop::takes_over>(worker);
  CHECK_FALSE(jtrace::active_span());
  worker.join();
  CHECK(recorder.span("shop::takes_over").has_tag("worked", true));
}

TEST_CASE("the context of a span that is taken over is active while the function runs") {
  Recorder recorder;
  jtrace::trace("owner", [](jtrace::Span span) {
    jtrace::start_span("child").finish();
    span.finish();
  });
  CHECK(recorder.tree() == "owner\n  child\n");
}

TEST_CASE("the span that is handed over is there when tracing is off, and inert") {
  bool was_called = false;
  jtrace::trace("off", [&](jtrace::Span& span) {
    was_called = true;
    CHECK_FALSE(span.is_recording());
    span.set_tag("k", 1).log("nothing");
  });
  CHECK(was_called);
  CHECK(jtrace::traced<&shop::refers>(3) == 3);
  jtrace::trace("off", [](jtrace::Span span) { CHECK_FALSE(span); });
}

namespace {

void check_marked_once(Recorder& recorder, const char* name) {
  CAPTURE(name);
  const RecordedSpan& span = recorder.span(name);
  CHECK(span.has_tag("error", true));
  CHECK(count_errors(span) == 1);
  CHECK(says(span, "std::runtime_error", "the shop is closed"));
}

}  // namespace

TEST_CASE("an exception passes through and marks its span once, with its type and message") {
  Recorder recorder;
  CHECK_THROWS_AS(jtrace::trace("trace", shop::fail), std::runtime_error);
  CHECK_THROWS_AS(jtrace::traced<&shop::fail>(), std::runtime_error);
  CHECK_THROWS_AS(jtrace::wrap("wrap", shop::fail)(), std::runtime_error);
  CHECK_THROWS_AS(jtrace::traced<&shop::fails_with_span>(), std::runtime_error);
  for (const char* name : {"trace", "shop::fail", "wrap", "shop::fails_with_span"}) check_marked_once(recorder, name);
  CHECK_FALSE(jtrace::active_span());
}

namespace {

void fails_with_its_own(jtrace::Span span) {
  span.set_tag("tried", true);
  shop::fail();
}
void passes_on(jtrace::Span span) { fails_with_its_own(std::move(span)); }
void calls_another_that_fails(jtrace::Span span) {
  CHECK_THROWS_AS(jtrace::traced<&fails_with_its_own>(), std::runtime_error);
  span.set_tag("went on", true);
}
void gives_it_away_and_fails(jtrace::Span& to, jtrace::Span span) {
  to = std::move(span);
  shop::fail();
}
void loses_it_and_goes_on(jtrace::Span span) {
  try {
    fails_with_its_own(std::move(span));
  } catch (const std::runtime_error&) {
  }
  jtrace::start_span("afterwards").finish();
}
void finishes_it_and_fails(jtrace::Span span) {
  span.finish();
  shop::fail();
}

}  // namespace

TEST_CASE("an exception that ends a span which was taken over marks it once, with its type and message") {
  Recorder recorder;
  CHECK_THROWS_AS(jtrace::traced<&fails_with_its_own>(), std::runtime_error);
  CHECK_THROWS_AS(jtrace::traced<&passes_on>(), std::runtime_error);
  CHECK_THROWS_AS(jtrace::trace("lambda", [](jtrace::Span) { shop::fail(); }), std::runtime_error);
  for (const char* name : {"fails_with_its_own", "passes_on", "lambda"}) check_marked_once(recorder, name);
  CHECK_FALSE(jtrace::active_span());
  CHECK(recorder.spans().size() == 3);
}

TEST_CASE("of spans that were taken over an exception marks those that it ends, and no other") {
  Recorder recorder;
  jtrace::traced<&calls_another_that_fails>();
  CHECK_FALSE(recorder.span("calls_another_that_fails").is_error());
  CHECK(says(recorder.span("fails_with_its_own"), "std::runtime_error", "the shop is closed"));

  jtrace::Span kept;
  CHECK_THROWS_AS(jtrace::traced<&gives_it_away_and_fails>(kept), std::runtime_error);
  CHECK(kept.is_recording());
  kept = jtrace::Span();
  CHECK_FALSE(recorder.span("gives_it_away_and_fails").is_error());

  CHECK_THROWS_AS(jtrace::traced<&finishes_it_and_fails>(), std::runtime_error);
  CHECK_FALSE(recorder.span("finishes_it_and_fails").is_error());
}

TEST_CASE("a span that was taken over, and ended by an exception that its new owner caught, is marked and ends then") {
  Recorder recorder;
  jtrace::traced<&loses_it_and_goes_on>();
  const RecordedSpan& span = recorder.span("loses_it_and_goes_on");
  CHECK(span.is_error());
  CHECK(count_errors(span) == 1);
  CHECK(recorder.tree() == "loses_it_and_goes_on !\n  afterwards\n");
  CHECK(span.start + span.duration <= recorder.span("afterwards").start + std::chrono::milliseconds(1));
}

TEST_CASE("an exception that is none of the library's passes through, too") {
  Recorder recorder;
  CHECK_THROWS_AS(jtrace::traced<&shop::fail_oddly>(), int);
  CHECK(recorder.span("shop::fail_oddly").is_error());
  CHECK(count_errors(recorder.span("shop::fail_oddly")) == 1);
}

TEST_CASE("exceptions pass through where tracing is off and where nothing is sampled") {
  CHECK_THROWS_AS(jtrace::traced<&shop::fail>(), std::runtime_error);
  Recorder recorder;
  recorder.sample(false);
  CHECK_THROWS_AS(jtrace::traced<&shop::fail>(), std::runtime_error);
  CHECK(recorder.spans().empty());
}

TEST_CASE("a wrapped callable owns its name, keeps its state and is traced at each call") {
  Recorder recorder;
  auto count = jtrace::wrap("count " + std::to_string(1), [n = 0](int by) mutable { return n += by; });
  CHECK(count(1) == 1);
  CHECK(count(2) == 3);
  auto copy = count;
  CHECK(copy(1) == 4);
  CHECK(count(1) == 4);
  const auto constant = jtrace::wrap("constant", [] { return 1; });
  CHECK(constant() == 1);
  auto move_only = jtrace::wrap("move-only", [owned = std::make_unique<int>(3)] { return *owned; });
  auto moved = std::move(move_only);
  CHECK(moved() == 3);
  std::function<int(int)> stored = count;
  CHECK(stored(1) == 5);
  static_assert(!std::is_invocable_v<decltype(count), std::string>);
  CHECK(recorder.tree() == "count 1\ncount 1\ncount 1\ncount 1\nconstant\nmove-only\ncount 1\n");
}

TEST_CASE("a wrapped callable is handed the span if it wants it") {
  Recorder recorder;
  auto work = jtrace::wrap("work", [](int n, jtrace::SpanRef span) { span.set_tag("n", n); });
  work(1);
  CHECK(recorder.span("work").has_tag("n", 1));
}

TEST_CASE("the span of a function that returns a future ends when the result is fetched") {
  Recorder recorder;
  auto future = jtrace::traced<&shop::order>(3);
  CHECK(recorder.spans().empty());
  CHECK_FALSE(jtrace::active_span());
  CHECK(future.valid());
  CHECK(future.get() == 3);
  CHECK(recorder.span("shop::order").has_tag("n", 3));
  CHECK_FALSE(recorder.span("shop::order").is_error());
}

TEST_CASE("a future's exception marks the span of the call, whenever the future was found ready") {
  Recorder recorder;
  auto future = jtrace::traced<&shop::order>(-1);
  future.wait();
  CHECK(recorder.spans().empty());
  CHECK_THROWS_AS(future.get(), std::out_of_range);
  CHECK(says(recorder.span("shop::order"), "std::out_of_range", "no such order"));
  CHECK(count_errors(recorder.span("shop::order")) == 1);
}

TEST_CASE("a future that was seen to be ready ends its span at that time, however late it is fetched") {
  Recorder recorder;
  std::promise<int> promise;
  auto future = jtrace::trace("call", [&] { return promise.get_future(); });
  CHECK(future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  promise.set_value(1);
  CHECK(future.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
  const auto seen = jtrace::Timestamp(std::chrono::system_clock::now());
  while (jtrace::Timestamp(std::chrono::system_clock::now()) < seen + std::chrono::milliseconds(20)) std::this_thread::yield();
  CHECK(future.get() == 1);
  const RecordedSpan& span = recorder.span("call");
  CHECK(span.start + span.duration < seen + std::chrono::milliseconds(10));
}

TEST_CASE("a future that nobody fetches ends its span when it goes, as does one that is replaced or released") {
  Recorder recorder;
  const auto make = [] {
    std::promise<void> promise;
    promise.set_value();
    return promise.get_future();
  };
  { auto dropped = jtrace::trace("dropped", make); }
  CHECK(recorder.tree() == "dropped\n");
  auto replaced = jtrace::trace("replaced", make);
  replaced = jtrace::trace("next", make);
  CHECK(recorder.tree() == "dropped\nreplaced\n");
  std::future<void> plain = std::move(replaced).release();
  CHECK(recorder.tree() == "dropped\nreplaced\nnext\n");
  plain.get();
}

TEST_CASE("a future whose end waits for the work has its span end behind the work") {
  Recorder recorder;
  jtrace::Timestamp ended;
  {
    auto future = jtrace::trace("call", [&] {
      return std::async(std::launch::async, [&] {
        const auto begun = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() < begun + std::chrono::milliseconds(20)) std::this_thread::yield();
        ended = std::chrono::system_clock::now();
      });
    });
  }
  CHECK(recorder.span("call").start + recorder.span("call").duration > ended - std::chrono::milliseconds(10));
}

TEST_CASE("a shared future is traced as well, and a function that throws instead of a future marks its span") {
  Recorder recorder;
  auto shared = jtrace::trace("shared", [] { return std::async(std::launch::deferred, [] { return 4; }).share(); });
  CHECK(shared.get() == 4);
  CHECK_THROWS_AS(static_cast<void>(jtrace::trace("failing", []() -> std::future<int> { throw std::logic_error("none"); })), std::logic_error);
  CHECK(says(recorder.span("failing"), "std::logic_error", "none"));
}

namespace {
void with_arguments(int id, const std::string& who) { JTRACE_FUNCTION_ARGS(id, who, who.size()); }
void as_span() {
  JTRACE_FUNCTION_AS(span);
  span->set_tag("n", 1).log({{"message", "bomb"}});
}
void as_renamed() {
  JTRACE_FUNCTION_AS(span, "renamed");
  span->set_tag("n", 2);
}
template <class T>
void in_template(const T& value) {
  JTRACE_FUNCTION_ARGS(value);
  const auto inner = [&] { JTRACE_FUNCTION_ARGS(value); };
  inner();
}
int asked = 0;
int ask() {
  ++asked;
  return 1;
}
void with_costly_arguments() { JTRACE_FUNCTION_ARGS(ask()); }
}  // namespace

TEST_CASE("JTRACE_FUNCTION_ARGS makes tags of the arguments, under the names that they have in the code") {
  Recorder recorder;
  with_arguments(7, "me");
  CHECK(recorder.span("with_arguments").has_tag("id", 7));
  CHECK(recorder.span("with_arguments").has_tag("who", "me"));
  CHECK(recorder.span("with_arguments").has_tag("who.size()", 2));
  in_template("x");
  CHECK(recorder.span("in_template").has_tag("value", "x"));
  CHECK(recorder.span("in_template::lambda").has_tag("value", "x"));
}

TEST_CASE("JTRACE_FUNCTION_ARGS evaluates nothing where the span is not recording") {
  asked = 0;
  with_costly_arguments();
  CHECK(asked == 0);
  Recorder recorder;
  with_costly_arguments();
  CHECK(asked == 1);
  recorder.sample(false);
  with_costly_arguments();
  CHECK(asked == 1);
}

TEST_CASE("JTRACE_FUNCTION_AS names the span for the body, and may name the operation") {
  as_span();
  Recorder recorder;
  as_span();
  as_renamed();
  CHECK(recorder.tree() == "as_span\nrenamed\n");
  CHECK(recorder.span("as_span").has_tag("n", 1));
  CHECK(recorder.span("as_span").logs.size() == 1);
  CHECK(recorder.span("renamed").has_tag("n", 2));
}
