// When the next attempt is due: the doubling and its end, the jitter, what a server asks for, and that a flush cuts a wait short.
#include "reporter/backoff.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace {

using jtrace::detail::Backoff;
using namespace std::chrono_literals;

constexpr std::int64_t kNow = 1'000'000'000'000;
constexpr std::int64_t ns(std::chrono::nanoseconds time) { return time.count(); }

}  // namespace

TEST_CASE("before a failure, and after a success, the next attempt is due at once") {
  Backoff backoff({200ms, 30s}, 1);
  CHECK_FALSE(backoff.is_failing());
  CHECK(backoff.left(kNow) == 0);
  for (int i = 0; i < 10; ++i) backoff.fail(kNow, 0);
  CHECK(backoff.is_failing());
  backoff.succeed();
  CHECK_FALSE(backoff.is_failing());
  CHECK(backoff.left(kNow) == 0);
}

TEST_CASE("the wait is anything up to a bound that doubles from initial to max, and fills that range") {
  const auto longest_after = [](int failures) {
    std::int64_t longest = 0, shortest = std::numeric_limits<std::int64_t>::max();
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      Backoff backoff({200ms, 1s}, seed);
      for (int i = 0; i < failures; ++i) backoff.fail(kNow, 0);
      longest = std::max(longest, backoff.left(kNow));
      shortest = std::min(shortest, backoff.left(kNow));
    }
    CHECK(shortest < longest / 20);
    return longest;
  };
  const std::int64_t bounds[] = {ns(200ms), ns(400ms), ns(800ms), ns(1s), ns(1s)};
  for (int i = 0; i < 5; ++i) {
    const std::int64_t longest = longest_after(i + 1);
    CHECK(longest <= bounds[i]);
    CHECK(longest > bounds[i] * 9 / 10);
  }
}

TEST_CASE("however often it fails, and however large the times are, the wait stays within max") {
  for (const Backoff::Settings& times : {Backoff::Settings{200ms, 30s}, Backoff::Settings{10min, 1s},
                                         Backoff::Settings{std::chrono::hours(24 * 365), std::chrono::hours(24 * 365 * 100)}}) {
    Backoff backoff(times, 7);
    for (int i = 0; i < 200; ++i) {
      backoff.fail(kNow, 0);
      CHECK(backoff.left(kNow) >= 0);
      CHECK(backoff.left(kNow) <= times.max.count());
    }
  }
}

TEST_CASE("Retry-After is waited for, also when it is longer than max") {
  Backoff backoff({200ms, 30s}, 1);
  backoff.fail(kNow, ns(120s));
  CHECK(backoff.left(kNow) == ns(120s));
  CHECK(backoff.left(kNow + ns(119s)) == ns(1s));
  CHECK(backoff.left(kNow + ns(120s)) == 0);
}

TEST_CASE("a wait that is cut short is over, and the next one is longer all the same") {
  Backoff backoff({1ms, 1h}, 3);
  for (int i = 0; i < 20; ++i) backoff.fail(kNow, 0);
  backoff.cut_short();
  CHECK(backoff.left(kNow) == 0);
  CHECK(backoff.is_failing());
  backoff.fail(kNow, 0);
  CHECK(backoff.left(kNow) > ns(1s));
}
