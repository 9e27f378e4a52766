// carry(callable): the active context in thread pools, callbacks and other threads.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "jtrace/carry.h"
#include "jtrace/jtrace.h"
#include "jtrace/testing.h"
#include "support/log_capture.h"
#include "tasks.h"

namespace {

using jtrace::testing::Recorder;

bool nothing_is_active() { return !jtrace::active_span() && !jtrace::active_context().is_valid(); }
void touch(const char* name) { jtrace::start_span(name).finish(); }

}  // namespace

TEST_CASE("what is carried to a pool finds the context there that was active when it was made") {
  Recorder recorder;
  {
    tasks::Pool pool(3);
    auto request = jtrace::start_active_span("request");
    for (int i = 0; i < 4; ++i) pool.post(jtrace::carry([] { JTRACE_FUNCTION("work"); }));
    pool.post([] { touch("stranger"); });
  }
  CHECK(nothing_is_active());
  std::string wanted = "request\n";
  for (int i = 0; i < 4; ++i) wanted += "  work\n";
  CHECK(recorder.tree() == wanted + "stranger\n");
}

TEST_CASE("what is carried outlives the span, leaves the other thread's own as it was, and runs as often as one likes") {
  Recorder recorder;
  std::function<void()> job;
  {
    auto request = jtrace::start_active_span("request");
    job = jtrace::carry([] {
      CHECK_FALSE(jtrace::active_span());  // the context, not the span
      CHECK(jtrace::active_context().is_valid());
      touch("work");
    });
  }
  std::thread([&] {
    auto own = jtrace::start_active_span("own");
    job();
    CHECK(jtrace::active_context() == own->context());
    job();
  }).join();
  CHECK(recorder.tree() == "request\n  work\n  work\nown\n");
}

TEST_CASE("where nothing was active nothing is in what is carried") {
  Recorder recorder;
  auto job = jtrace::carry([] { touch("root"); });
  auto other = jtrace::start_active_span("other");
  job();
  touch("child");
  other.close();
  CHECK(recorder.tree() == "other\n  child\nroot\n");
}

TEST_CASE("the tracer goes along with the context") {
  Recorder recorder;
  const support::LogCapture quiet;  // nobody is there to take the spans
  const jtrace::Tracer own = *jtrace::make_tracer({.service_name = "own", .endpoint = "127.0.0.1:9"});
  auto active = own.start_active_span("own");
  auto job = jtrace::carry([] { touch("by the same tracer"); });
  const auto before = own.stats().started;
  std::thread(std::move(job)).join();
  CHECK(own.stats().started == before + 1);
  active.close();
  own.close(std::chrono::seconds(0));
  CHECK(recorder.spans().empty());
}

TEST_CASE("arguments, results and move-only callables pass through carry") {
  Recorder recorder;
  auto scope = jtrace::start_active_span("scope");
  auto add = jtrace::carry([sum = 0](int n) mutable { return sum += n; });
  CHECK(add(1) == 1);
  CHECK(add(2) == 3);
  auto owner = jtrace::carry([owned = std::make_unique<int>(5)]() -> const std::unique_ptr<int>& { return owned; });
  auto moved = std::move(owner);
  CHECK(*moved() == 5);
  const auto constant = jtrace::carry([](std::unique_ptr<int> given) { return given; });
  CHECK(*constant(std::make_unique<int>(6)) == 6);
  int number = 1;
  auto reference = jtrace::carry([&]() -> int& { return number; });
  CHECK(&reference() == &number);
}

TEST_CASE("what was carried while tracing was off, or runs when it is off, runs all the same") {
  int runs = 0;
  auto early = jtrace::carry([&] { ++runs; });
  early();
  std::function<void()> late;
  {
    Recorder recorder;
    auto scope = jtrace::start_active_span("scope");
    late = jtrace::carry([&] {
      ++runs;
      touch("x");
    });
    early();
  }
  late();
  CHECK(runs == 3);
  CHECK(nothing_is_active());
}

TEST_CASE("std::jthread and its stop token work with what is carried") {
  Recorder recorder;
  {
    auto request = jtrace::start_active_span("request");
    std::jthread worker(jtrace::carry([](std::stop_token stop) {
      JTRACE_FUNCTION("worker");
      while (!stop.stop_requested()) std::this_thread::yield();
    }));
    worker.request_stop();
  }
  CHECK(recorder.tree() == "request\n  worker\n");
}
