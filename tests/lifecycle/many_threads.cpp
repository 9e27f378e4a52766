// Threads by the thousand, one after the other and at once.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "scenarios.h"
#include "support/memory.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;

void short_life() {
  auto outer = jtrace::start_active_span("outer");
  auto inner = jtrace::start_active_span("inner");
}

int ten_thousand_one_after_the_other() {
  // Half of them warm up what is used again and again, such as the queue's memory.
  for (int i = 0; i < 5000; ++i) std::thread(short_life).join();
  const std::size_t before = support::resident_bytes();
  for (int i = 5000; i < 10'000; ++i) std::thread(short_life).join();
  const std::size_t after = support::resident_bytes();
  report("grown", static_cast<long long>(after) - static_cast<long long>(before));
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  return 0;
}

// Several waves of a thousand, each thread with a span open while all the others are there too.
int a_thousand_at_once() {
  const auto wave = [] {
    constexpr int kThreads = 1000;
    std::mutex mutex;
    std::condition_variable changed;
    int here = 0;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        auto outer = jtrace::start_active_span("outer");
        {
          std::unique_lock lock(mutex);
          if (++here == kThreads) changed.notify_all();
          changed.wait(lock, [&] { return here == kThreads; });
        }
        auto inner = jtrace::start_active_span("inner");
      });
    }
    for (std::thread& thread : threads) thread.join();
    jtrace::tracer().flush(30s);
  };
  wave();
  const std::size_t before = support::resident_bytes();
  for (int i = 0; i < 3; ++i) wave();
  const std::size_t after = support::resident_bytes();
  report("grown", static_cast<long long>(after) - static_cast<long long>(before));
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  return 0;
}

// Spans are made here and finished there, in pools of threads that come and go.
int spans_change_hands() {
  for (int round = 0; round < 200; ++round) {
    std::vector<jtrace::Span> spans;
    std::thread([&] {
      for (int i = 0; i < 100; ++i) spans.push_back(jtrace::start_span("handed on", {.tags = {{"n", i}}}));
    }).join();
    std::thread([moved = std::move(spans)]() mutable { moved.clear(); }).join();
  }
  const std::size_t before = support::resident_bytes();
  for (int round = 0; round < 600; ++round) {
    std::vector<jtrace::Span> spans;
    for (int i = 0; i < 100; ++i) spans.push_back(jtrace::start_span("handed on", {.tags = {{"n", i}}}));
    std::thread([moved = std::move(spans)]() mutable { moved.clear(); }).join();
  }
  report("grown", static_cast<long long>(support::resident_bytes()) - static_cast<long long>(before));
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  return 0;
}

}  // namespace

const Named many_threads[] = {
    {"ten thousand one after the other", ten_thousand_one_after_the_other},
    {"a thousand at once", a_thousand_at_once},
    {"spans change hands", spans_change_hands},
    {},
};

}  // namespace scenarios
