// When spans say they began: over a million of them, on all cores, each beside the system's own clock. Run with ticks and, by
// JTRACE_CLOCK, without.
#include <doctest/doctest.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "jtrace/testing.h"
#include "jtrace/jtrace.h"

namespace {

using namespace std::chrono_literals;

std::int64_t system_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void pin_to(std::size_t core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  sched_setaffinity(0, sizeof one, &one);
}

// A parent and two children, each with what the system's clock said before and after its start.
void trace_family(const jtrace::Tracer& tracer) {
  std::int64_t before = system_now();
  auto parent = tracer.start_active_span("parent");
  parent->set_tag("after", system_now()).set_tag("before", before);
  for (int i = 0; i < 2; ++i) {
    before = system_now();
    auto child = tracer.start_span("child");
    child.set_tag("after", system_now()).set_tag("before", before);
  }
}

struct Findings {
  std::int64_t spans = 0, farthest = 0, far = 0, early_children = 0, negative = 0;

  void look_at(const std::deque<jtrace::testing::RecordedSpan>& family) {
    std::int64_t parents_start = 0;
    // A parent is finished behind its children.
    for (auto span = family.rbegin(); span != family.rend(); ++span) {
      const std::int64_t start = span->start.time_since_epoch().count();
      const std::int64_t off =
          std::max({std::int64_t{0}, span->tag("before")->as_integer() - start, start - span->tag("after")->as_integer()});
      farthest = std::max(farthest, off);
      far += off > 10'000;
      negative += span->duration < 0ns;
      if (span->name == "parent") parents_start = start;
      else early_children += start < parents_start;
      ++spans;
    }
  }
};

}  // namespace

TEST_CASE("each of a million spans begins within ten microseconds of clock_gettime, no child before its parent") {
  constexpr int kFamilies = 2500, kRounds = 70;
  const std::size_t cores = std::max(2u, std::thread::hardware_concurrency());
  Findings found;
  jtrace::testing::Recorder recorder;
  for (int round = 0; found.spans < 1'000'000 && round < kRounds * 4; ++round) {
    std::vector<std::thread> threads;
    for (std::size_t core = 0; core < cores; ++core) {
      threads.emplace_back([&recorder, core] {
        pin_to(core);
        for (int i = 0; i < kFamilies; ++i) trace_family(recorder.tracer());
      });
    }
    for (std::thread& thread : threads) thread.join();
    found.look_at(recorder.spans());
    recorder.clear();
  }
  CHECK(found.spans >= 1'000'000);
  CAPTURE(found.farthest);
  CHECK(found.far == 0);
  CHECK(found.early_children == 0);
  CHECK(found.negative == 0);
}
