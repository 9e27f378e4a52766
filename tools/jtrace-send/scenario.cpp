#include "scenario.h"

#include <cmath>

namespace jtrace_send {
namespace {

using std::chrono::microseconds;

// splitmix64 (Steele, Lea, Flood 2014): enough to make durations look alive.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) noexcept : state_(seed) {}
  microseconds between(std::int64_t least, std::int64_t most) noexcept {
    return microseconds(least +
                        static_cast<std::int64_t>(roll() % static_cast<std::uint64_t>(most - least + 1)));
  }

 private:
  std::uint64_t roll() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t state_;
};

}  // namespace

bool is_failing(std::uint64_t trace, double error_rate) noexcept {
  // A rate such as 0.29 is a little less than 0.29 in binary; the small constant keeps 100 × 0.29 at 29.
  const auto failures_among = [error_rate](std::uint64_t traces) {
    return std::floor(static_cast<double>(traces) * error_rate + 1e-9);
  };
  return failures_among(trace + 1) > failures_among(trace);
}

Timeline make_timeline(std::uint64_t trace) noexcept {
  Dice dice(trace);
  Timeline timeline;
  microseconds now{0};
  // Between two steps the program does something of its own. The tutorial's steps take 0.1 to 0.9 s.
  const auto pause = [&] { now += dice.between(300, 4'000); };
  const auto run = [&](Step step) {
    timeline.steps[step].start = now;
    now += dice.between(100'000, 900'000);
    timeline.steps[step].finish = now;
    pause();
  };
  pause();
  run(kDownload);
  run(kParser);
  timeline.steps[kInsert].start = now;
  pause();
  run(kMakeSql);
  run(kToDb);
  timeline.steps[kInsert].finish = now;
  pause();
  timeline.steps[kSpider].finish = now;
  return timeline;
}

}  // namespace jtrace_send
