#include "part.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "jtrace/trace.h"

namespace {

struct Order {
  void load() { JTRACE_FUNCTION_AS(span, "loaded by " PART_NAME); }
};
JTRACE_TRACED_CLASS(TracedOrder, Order, load);

using namespace std::chrono_literals;

std::string named(const char* what) { return std::string(what) + " by " PART_NAME; }

void trace(int count) {
  for (int i = 0; i < count; ++i) {
    auto active = jtrace::start_active_span(named("traced"), {.tags = {{"n", i}}});
    active->set_tag("text", std::string("text")).set_tag("long", std::string(1000, 'x')).set_tag("yes", true);
    active->set_operation_name(named("renamed")).log("logged", {{"k", 1}}).log({{"a", 1}});
    active->set_baggage_item("bag", "gage");
    active->set_error(std::runtime_error("no")).set_error("message");
    const auto child = jtrace::active_span().start_child(named("child"));
    const jtrace::Scope scope = jtrace::activate(child);
    const jtrace::Scope remote = jtrace::activate(jtrace::SpanContext({1, 2}, {3}, true));
    auto below = jtrace::tracer().start_span(named("below"));
    below.set_tag("sampling.priority", 1).finish();
  }
}

struct Parked {
  struct promise_type {
    Parked get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept {}
  };
  std::coroutine_handle<> handle;
};
Parked hop(const char* name) {
  auto active = jtrace::start_active_span(named(name));
  co_await active.carry(std::suspend_always());
  jtrace::start_span(named("behind the hop")).finish();
}

void fail(jtrace::Span) { throw std::runtime_error("no"); }
void fail_and_go_on() {
  try {
    jtrace::trace(named("failed"), fail);
  } catch (const std::runtime_error&) {
  }
}

void take_along(void (*on_thread)(void (*job)(void*), void* with)) {
  auto active = jtrace::start_active_span(named("taken along"));
  TracedOrder().load();
  fail_and_go_on();
  const Parked parked = hop("hopping");
  Parked given_up = hop("giving up");
  auto other = jtrace::carry([&] {
    jtrace::start_span(named("carried")).finish();
    parked.handle.resume();
    given_up.handle.destroy();
    jtrace::start_span(named("carried, still")).finish();
  });
  on_thread([](void* job) { (*static_cast<decltype(other)*>(job))(); }, &other);
  jtrace::start_span(named("left behind")).finish();
}

void nest(void (*then)(void*), void* with) {
  auto active = jtrace::tracer().start_active_span(PART_NAME);
  jtrace::active_span().set_tag("seen by", PART_NAME);
  then(with);
}

jtrace::Span start() {
  auto span = jtrace::tracer().start_span(named("handed on"));
  span.set_tag("long", std::string(600, 'x'));
  return span;
}

void finish(jtrace::Span span) {
  span.set_tag("finished by", PART_NAME).set_tag("longer", std::string(1000, 'y')).log("handed over");
  const jtrace::Scope scope = jtrace::activate(span);
  auto child = jtrace::start_active_span(named("child of what was handed on"));
  span.finish();
}

long long trace_apart(const char* endpoint) {
  auto made = jtrace::make_tracer({.service_name = PART_NAME, .endpoint = endpoint});
  if (!made) return -1;
  for (int i = 0; i < 10; ++i) {
    auto active = made->start_active_span(named("apart"));
    auto child = made->start_span(named("apart, child"), {.tags = {{"n", i}}});
  }
  if (!made->close(20s)) return -2;
  return static_cast<long long>(made->stats().acknowledged);
}

jtrace::Tracer handle() { return jtrace::tracer(); }
void trace_with(const jtrace::Tracer& tracer) {
  auto active = tracer.start_active_span(named("with a handle"));
  tracer.start_span(named("with a handle")).finish();
}

bool configure(const char* endpoint) { return jtrace::init({.service_name = "copies", .endpoint = endpoint}).has_value(); }
bool flush() { return jtrace::tracer().flush(20s); }
jtrace::Stats stats() { return jtrace::tracer().stats(); }

void run_until(const std::atomic<bool>* stop) {
  while (!stop || !*stop) {
    auto outer = jtrace::start_active_span(named("outer"));
    auto inner = jtrace::start_active_span(named("inner"));
  }
}

constexpr Part part{PART_NAME, trace, take_along, nest, start, finish, trace_apart, handle, trace_with, configure, flush, stats, run_until};

}  // namespace

PART_LINKAGE const Part* PART_FUNCTION() { return &part; }
