// The map from ticks to wall-clock time, as properties over series of measured pairs that are made up here: the order of stamps,
// joints without gaps, how closely it follows a clock that drifts, when it jumps, and what never changes again.
#include "clock/tick_map.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "record/seed.h"

namespace {

using jtrace::detail::TickMap;
using jtrace::detail::TickPair;

constexpr std::int64_t kEpoch = 1'600'000'000'000'000'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

// A machine whose counter runs at `hertz` and whose wall clock may drift and be set.
class Machine {
 public:
  explicit Machine(double hertz = 2.1e9) : hertz_(hertz) {}

  void pass(std::int64_t nanoseconds) {
    elapsed_ += static_cast<double>(nanoseconds);
    wall_ += static_cast<double>(nanoseconds) * (1 + slew_);
  }
  void slew(double parts_per_million) { slew_ = parts_per_million * 1e-6; }
  void step(std::int64_t nanoseconds) { wall_ += static_cast<double>(nanoseconds); }

  std::uint64_t ticks() const { return kFirst + static_cast<std::uint64_t>(elapsed_ * hertz_ / 1e9); }
  std::int64_t wall() const { return kEpoch + static_cast<std::int64_t>(wall_); }
  TickPair pair() const { return {ticks(), wall()}; }
  // Measured with an error of some nanoseconds, as in life.
  TickPair pair(std::mt19937_64& random) const { return {ticks(), wall() + static_cast<std::int64_t>(random() % 101) - 50}; }

 private:
  static constexpr std::uint64_t kFirst = 123'456'789'012'345;
  const double hertz_;
  double elapsed_ = 0, wall_ = 0, slew_ = 0;
};

std::int64_t error_of(TickMap& map, const Machine& machine) { return std::abs(map.wall(machine.ticks()) - machine.wall()); }

struct Converted {
  std::uint64_t ticks;
  std::int64_t wall;
};

}  // namespace

TEST_CASE("the pairs that were measured are on the map, whatever the counter's rate") {
  for (const double hertz : {24e6, 1e9, 2.1e9, 5e9}) {
    CAPTURE(hertz);
    Machine machine(hertz);
    TickMap map;
    map.begin(machine.pair());
    CHECK(map.wall(machine.ticks()) == machine.wall());
    for (int i = 0; i < 20; ++i) {
      machine.pass(kSecond);
      map.extend(machine.pair());
      CHECK(error_of(map, machine) < 200);
    }
  }
}

TEST_CASE("between two measured pairs, and a little beyond the last, the map is as good as the pairs") {
  Machine machine;
  TickMap map;
  map.begin(machine.pair());
  std::vector<Converted> truth;
  for (int i = 0; i < 50; ++i) {
    for (int part = 0; part < 10; ++part) {
      machine.pass(100 * kMillisecond);
      truth.push_back({machine.ticks(), machine.wall()});
    }
    map.extend(machine.pair());
  }
  machine.pass(10 * kMillisecond);
  truth.push_back({machine.ticks(), machine.wall()});
  for (const Converted& stamp : truth) {
    CAPTURE(stamp.ticks);
    CHECK(std::abs(map.wall(stamp.ticks) - stamp.wall) < 500);
  }
}

TEST_CASE("a clock that is slewed by 500 ppm is followed within ten microseconds at each look") {
  for (const double slew : {500.0, -500.0}) {
    CAPTURE(slew);
    Machine machine;
    TickMap map;
    map.begin(machine.pair());
    for (int i = 0; i < 10; ++i) machine.pass(kSecond), map.extend(machine.pair());
    machine.slew(slew);
    std::int64_t worst = 0;
    for (int i = 0; i < 300; ++i) {
      machine.pass(kSecond);
      map.extend(machine.pair());  // as the reporter does before it converts
      worst = std::max(worst, error_of(map, machine));
    }
    CHECK(worst < 10'000);
  }
}

TEST_CASE("stamps are in order on the map, whenever they are converted and however the clock runs") {
  std::mt19937_64 random(fixture::announced_seed());
  for (int round = 0; round < 40; ++round) {
    Machine machine(1e9 + static_cast<double>(random() % 4'000'000'000));
    TickMap map;
    map.begin(machine.pair());
    std::vector<std::uint64_t> stamps;
    for (int look = 0; look < 60; ++look) {
      machine.slew(static_cast<double>(random() % 1001) - 500);
      for (std::uint64_t more = random() % 20; more != 0; --more) {
        machine.pass(static_cast<std::int64_t>(random() % (random() % 2 ? 2'000 : 200 * kMillisecond)) + 1);
        stamps.push_back(machine.ticks());
      }
      machine.pass(1000);
      map.extend(machine.pair(random));
      if (random() % 3 == 0) continue;  // some wait for a later look
      std::int64_t before = 0;
      bool in_order = true;
      for (const std::uint64_t stamp : stamps) {
        const std::int64_t wall = map.wall(stamp);
        in_order = in_order && wall >= before;
        before = wall;
      }
      REQUIRE(in_order);
    }
  }
}

TEST_CASE("a stamp that was converted gives the same time ever after, while the map keeps its piece") {
  std::mt19937_64 random(fixture::announced_seed());
  for (int round = 0; round < 40; ++round) {
    Machine machine;
    TickMap map;
    map.begin(machine.pair());
    std::vector<Converted> known;
    for (int look = 0; look < 100; ++look) {
      machine.slew(static_cast<double>(random() % 1001) - 500);
      machine.pass(static_cast<std::int64_t>(random() % kSecond) + 1);
      map.extend(machine.pair(random));
      // Spans that end while the reporter is at work are younger than its last look.
      if (random() % 2 == 0) machine.pass(static_cast<std::int64_t>(random() % kMillisecond));
      known.push_back({machine.ticks(), map.wall(machine.ticks())});
      bool same = true;
      for (const Converted& stamp : known) same = same && map.wall(stamp.ticks) == stamp.wall;
      REQUIRE(same);
    }
  }
}

TEST_CASE("the map has no gaps: neighbouring ticks are neighbouring times") {
  std::mt19937_64 random(fixture::announced_seed());
  Machine machine(1e9);  // a tick is a nanosecond
  TickMap map;
  map.begin(machine.pair());
  std::vector<std::uint64_t> looks;
  for (int look = 0; look < 100; ++look) {
    machine.slew(static_cast<double>(random() % 1001) - 500);
    machine.pass(static_cast<std::int64_t>(random() % kSecond) + 100'000);
    map.extend(machine.pair(random));
    looks.push_back(machine.ticks());
  }
  for (const std::uint64_t look : looks) {
    for (std::uint64_t ticks = look - 50; ticks < look + 50; ++ticks) {
      const std::int64_t step = map.wall(ticks + 1) - map.wall(ticks);
      REQUIRE(step >= 0);
      REQUIRE(step <= 4);
    }
  }
}

TEST_CASE("a clock that was set by over a millisecond is believed at once, forwards and backwards") {
  for (const std::int64_t step : {2 * kMillisecond, -2 * kMillisecond, 3600 * kSecond, -3600 * kSecond}) {
    CAPTURE(step);
    Machine machine;
    TickMap map;
    map.begin(machine.pair());
    for (int i = 0; i < 10; ++i) machine.pass(kSecond / 2), map.extend(machine.pair());
    const Converted before{machine.ticks(), map.wall(machine.ticks())};
    machine.pass(kSecond / 2);
    machine.step(step);
    map.extend(machine.pair());
    CHECK(error_of(map, machine) < 200);
    CHECK(map.wall(before.ticks) == before.wall);
    for (int i = 0; i < 10; ++i) {
      machine.pass(kSecond / 2);
      map.extend(machine.pair());
      CHECK(error_of(map, machine) < 10'000);
    }
  }
}

TEST_CASE("a clock that was set by less is caught up with, without a jump and without running backwards") {
  for (const std::int64_t step : {900'000, -900'000, 100'000, -100'000}) {
    CAPTURE(step);
    Machine machine;
    TickMap map;
    map.begin(machine.pair());
    for (int i = 0; i < 10; ++i) machine.pass(kSecond), map.extend(machine.pair());
    const std::int64_t before = map.wall(machine.ticks());
    const std::uint64_t at = machine.ticks();
    machine.step(step);
    std::int64_t last = before;
    for (int i = 0; i < 20; ++i) {
      machine.pass(100 * kMillisecond);
      map.extend(machine.pair());
      const std::int64_t now = map.wall(machine.ticks());
      CHECK(now >= last);
      last = now;
    }
    CHECK(map.wall(at) == before);
    CHECK(error_of(map, machine) < 1000);
  }
}

TEST_CASE("a pair that is not newer changes nothing that was converted, and nothing that will be") {
  Machine machine;
  TickMap map;
  map.begin(machine.pair());
  const TickPair first = machine.pair();
  machine.pass(kSecond);
  map.extend(machine.pair());
  const TickPair last = machine.pair();
  std::vector<Converted> known;
  for (std::uint64_t ticks = first.ticks - 1000; ticks < last.ticks + 1'000'000; ticks += 30'000'011)
    known.push_back({ticks, map.wall(ticks)});
  for (const TickPair& pair : {first, last, TickPair{first.ticks - 5, first.wall - 7}, TickPair{first.ticks, last.wall}}) {
    map.extend(pair);
    for (const Converted& stamp : known) CHECK(map.wall(stamp.ticks) == stamp.wall);
  }
}

TEST_CASE("a stamp that was converted stays where it is when the next look is older than it") {
  // Another core's counter may be a few ticks ahead of the reporter's.
  Machine machine;
  TickMap map;
  map.begin(machine.pair());
  machine.pass(kSecond);
  map.extend(machine.pair());
  machine.slew(400);
  machine.pass(kSecond / 2);
  const TickPair look = machine.pair();
  const std::uint64_t ahead = look.ticks + 100'000'000;
  const std::int64_t converted = map.wall(ahead);
  map.extend(look);
  CHECK(map.wall(ahead) == converted);
  machine.pass(kSecond);
  map.extend(machine.pair());
  CHECK(map.wall(ahead) == converted);
}

TEST_CASE("stamps older than all that is remembered still come out in order, before the others") {
  Machine machine;
  TickMap map;
  const TickPair first = machine.pair();
  map.begin(first);
  for (int i = 0; i < 2000; ++i) machine.pass(kSecond), map.extend(machine.pair());
  std::int64_t before = 0;
  for (std::uint64_t ticks = first.ticks - 2'100'000'000; ticks < machine.ticks(); ticks += 1'050'000'000) {
    const std::int64_t wall = map.wall(ticks);
    REQUIRE(wall >= before);
    before = wall;
  }
  CHECK(std::abs(map.wall(first.ticks) - first.wall) < kMillisecond);  // the machine kept its rate
}

TEST_CASE("before the first look the map runs on a guess, and the first look puts it right") {
  Machine machine(3e9);
  TickMap map;
  map.begin(machine.pair());
  machine.pass(10 * kMillisecond);
  const std::uint64_t unseen = machine.ticks();
  const std::int64_t truth = machine.wall();
  machine.pass(10 * kMillisecond);
  map.extend(machine.pair());
  CHECK(std::abs(map.wall(unseen) - truth) < 100);
}
