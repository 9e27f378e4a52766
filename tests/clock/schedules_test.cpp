// The clock on a faked machine, under random schedules: what holds while clocks are slewed, set, jump and fail. The seed is
// printed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "clock/clock.h"
#include "clock/faked_clock.h"
#include "record/seed.h"

namespace faked {
Machine machine;
}

// What this program's clock_gettime is, by its command line.
extern "C" int clock_gettime(clockid_t id, timespec* to) noexcept {
  faked::machine.pass(20);
  if (faked::machine.fails) return -1;
  const double now = id == CLOCK_REALTIME ? faked::machine.wall : faked::machine.monotonic;
  *to = {static_cast<time_t>(now / 1e9), static_cast<long>(static_cast<std::int64_t>(now) % 1'000'000'000)};
  return 0;
}

namespace {

using faked::machine;
using jtrace::detail::Clock;
using jtrace::detail::read_ticks;
using jtrace::detail::wall_now;

constexpr double kMicrosecond = 1e3, kMillisecond = 1e6, kSecond = 1e9;

// As a span keeps it, with what the machine's wall clock really said.
struct Stamp {
  bool is_ticks;
  std::uint64_t at;
  std::int64_t truth;
};

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : random_(seed) {
    machine = {};
    machine.hertz = 24e6 + uniform(5e9);
    Clock::begin();
  }

  double uniform(double most) { return std::uniform_real_distribution<double>(0, most)(random_); }
  bool one_in(int n) { return random_() % static_cast<unsigned>(n) == 0; }

  Stamp stamp() {
    const bool is_ticks = Clock::uses_ticks();
    const std::uint64_t at = is_ticks ? read_ticks() : static_cast<std::uint64_t>(wall_now());
    return {is_ticks, at, static_cast<std::int64_t>(machine.wall)};
  }
  static std::int64_t time_of(const Stamp& stamp) {
    return stamp.is_ticks ? Clock::instance().wall(stamp.at) : static_cast<std::int64_t>(stamp.at);
  }
  // From microseconds to a reporter's interval.
  void pass_a_while() { machine.pass(one_in(2) ? uniform(100 * kMicrosecond) : uniform(300 * kMillisecond)); }
  // As the reporter does: looks, then converts what has come since.
  static void look() { Clock::instance().tick(); }

 private:
  std::mt19937_64 random_;
};

constexpr int kSchedules = 300, kLooks = 200;

// Runs schedules with a disturbance before each look; see(stamps of one look, in the order in which they were taken).
template <class Disturb, class See>
void run_schedules(Disturb&& disturb, See&& see) {
  std::mt19937_64 seeds(fixture::announced_seed());
  for (int i = 0; i < kSchedules; ++i) {
    Schedule schedule(seeds());
    CAPTURE(i);
    for (int look = 0; look < kLooks; ++look) {
      std::vector<Stamp> stamps;
      for (int n = 0; n < 8; ++n) {
        schedule.pass_a_while();
        stamps.push_back(schedule.stamp());
      }
      disturb(schedule, look);
      stamps.push_back(schedule.stamp());
      Schedule::look();
      see(schedule, look, stamps);
    }
  }
}

bool is_in_order(const std::vector<Stamp>& stamps) {
  std::int64_t before = INT64_MIN;
  for (const Stamp& stamp : stamps) {
    const std::int64_t now = Schedule::time_of(stamp);
    if (now < before) return false;
    before = now;
  }
  return true;
}

}  // namespace

TEST_CASE("however a clock is slewed, stamps stay in order, off by what a quarter of a second of the change makes at most") {
  for (const double parts_per_million : {20.0, 250.0}) {
    CAPTURE(parts_per_million);
    double farthest = 0;
    int out_of_order = 0, without_ticks = 0;
    run_schedules(
        [&](Schedule& schedule, int) {
          if (schedule.one_in(20)) machine.slew = (schedule.uniform(2) - 1) * parts_per_million * 1e-6;
        },
        [&](Schedule&, int look, const std::vector<Stamp>& stamps) {
          out_of_order += !is_in_order(stamps);
          without_ticks += !Clock::uses_ticks();
          if (look < 4) return;  // the rate rests on a short baseline
          for (const Stamp& stamp : stamps)
            farthest = std::max(farthest, std::abs(static_cast<double>(Schedule::time_of(stamp) - stamp.truth)));
        });
    CHECK(out_of_order == 0);
    CHECK(without_ticks == 0);
    CHECK(farthest <= 2 * parts_per_million * 1e-6 * 0.25 * kSecond + 1 * kMicrosecond);
  }
}

TEST_CASE("a clock that is set is believed within a quarter of a second, and no time that was told changes") {
  int out_of_order = 0, wrong = 0, changed = 0;
  std::vector<std::pair<Stamp, std::int64_t>> told;
  run_schedules(
      [](Schedule& schedule, int) {
        if (schedule.one_in(20)) machine.wall += (schedule.uniform(2) - 1) * (schedule.one_in(2) ? 3600 * kSecond : 5 * kMillisecond);
      },
      [&](Schedule& schedule, int look, const std::vector<Stamp>& stamps) {
        if (look == 0) told.clear();
        for (const auto& [stamp, time] : told) changed += Schedule::time_of(stamp) != time;
        told.clear();
        machine.pass(0.26 * kSecond);  // the longest that it does not look
        Schedule::look();
        for (const Stamp& stamp : stamps) told.emplace_back(stamp, Schedule::time_of(stamp));
        const Stamp now = schedule.stamp();
        wrong += std::abs(Schedule::time_of(now) - now.truth) > 2'000'000;
        const std::vector<Stamp> pair = {now, schedule.stamp()};
        out_of_order += !is_in_order(pair);
      });
  CHECK(wrong == 0);
  CHECK(changed == 0);
  CHECK(out_of_order == 0);
}

TEST_CASE("a counter that jumps is given up for good, and new stamps are the system's") {
  int schedules_left = 0, wrong = 0;
  run_schedules(
      [](Schedule& schedule, int look) {
        // A machine that was moved, or slept, or whose counters part: from then on, again and again.
        if (look >= 20 && look % 3 == 0) machine.ticks = std::max(1e9, machine.ticks + (schedule.uniform(2) - 1) * 5 * machine.hertz);
      },
      [&](Schedule& schedule, int look, const std::vector<Stamp>&) {
        if (look != kLooks - 1) return;
        schedules_left += Clock::uses_ticks();
        const Stamp now = schedule.stamp();
        wrong += std::abs(Schedule::time_of(now) - now.truth) > 1000;
      });
  CHECK(schedules_left == 0);
  CHECK(wrong == 0);
}

TEST_CASE("a clock that fails for a while moves nothing: stamps stay in order, and are right once it is back") {
  int out_of_order = 0, wrong = 0;
  run_schedules(
      [](Schedule& schedule, int look) { machine.fails = look > 10 && schedule.one_in(4); },
      [&](Schedule& schedule, int look, const std::vector<Stamp>& stamps) {
        out_of_order += !is_in_order(stamps);
        if (machine.fails || look < 4) return;
        machine.pass(0.26 * kSecond);
        Schedule::look();
        const Stamp now = schedule.stamp();
        wrong += std::abs(Schedule::time_of(now) - now.truth) > 50'000;
      });
  CHECK(out_of_order == 0);
  CHECK(wrong == 0);
}
