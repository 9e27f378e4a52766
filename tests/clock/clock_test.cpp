// The clock against clock_gettime: a stamp's time lies within ten microseconds of what the system says, in order, from
// any thread, by ticks and without.
#include "clock/clock.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace {

using jtrace::detail::Clock;
using jtrace::detail::read_ticks;
using jtrace::detail::wall_now;

std::int64_t system_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct Stamp {
  std::int64_t before, after;
  std::uint64_t ticks;
};
Stamp stamp() {
  Stamp stamp{};
  stamp.before = system_now();
  stamp.ticks = read_ticks();
  stamp.after = system_now();
  return stamp;
}

// How far outside of its two witnesses.
std::int64_t error_of(const Stamp& stamp, std::int64_t wall) {
  return std::max({std::int64_t{0}, stamp.before - wall, wall - stamp.after});
}

// Begun once, as a process does.
Clock& begun_clock() {
  static const bool begun = (Clock::begin(), true);
  CHECK(begun);
  return Clock::instance();
}

}  // namespace

TEST_CASE("wall_now is the system's clock") {
  const std::int64_t before = system_now();
  const std::int64_t now = wall_now();
  CHECK(before <= now);
  CHECK(now <= system_now());
}

TEST_CASE("a stamp in ticks lies within ten microseconds of the system's clock once the reporter has looked") {
  Clock& clock = begun_clock();
  if (!Clock::uses_ticks()) {
    MESSAGE("no trusted ticks here: stamps are clock_gettime itself");
    return;
  }
  // The best of several, since a core may be lost between a stamp and its witnesses or within a look.
  std::int64_t best = 1'000'000'000;
  for (int attempt = 0; attempt < 200 && best > 0; ++attempt) {
    std::vector<Stamp> stamps;
    for (int i = 0; i < 50; ++i) stamps.push_back(stamp());
    clock.tick();
    std::int64_t worst = 0;
    for (const Stamp& one : stamps) worst = std::max(worst, error_of(one, clock.wall(one.ticks)));
    best = std::min(best, worst);
  }
  CHECK(best <= 10'000);
}

TEST_CASE("stamps of one thread are in order, while another one looks all the time") {
  Clock& clock = begun_clock();
  if (!Clock::uses_ticks()) return;
  std::atomic<bool> done{false};
  std::thread looker([&] {
    while (!done) clock.tick();
  });
  std::int64_t before = 0;
  bool in_order = true;
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t wall = clock.wall(read_ticks());
    in_order = in_order && wall >= before;
    before = wall;
  }
  done = true;
  looker.join();
  CHECK(in_order);
}

TEST_CASE("many stamps are converted under one lock, to the same times") {
  Clock& clock = begun_clock();
  clock.tick();
  const std::uint64_t ticks = read_ticks();
  const std::int64_t one = clock.wall(ticks);
  clock.with_map([&](jtrace::detail::TickMap& map) { CHECK(map.wall(ticks) == one); });
}

TEST_CASE("a forked child begins with a clock and a lock of its own") {
  Clock& clock = begun_clock();
  pid_t child = -1;
  clock.with_map([&](auto&) {  // the parent's lock is held at the fork
    child = fork();
    if (child != 0) return;
    Clock::begin();
    Clock& own = Clock::instance();
    own.tick();
    const Stamp one = stamp();
    own.tick();
    const bool fine = !Clock::uses_ticks() || error_of(one, own.wall(one.ticks)) < 50'000'000;
    _exit(fine ? 0 : 1);
  });
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
