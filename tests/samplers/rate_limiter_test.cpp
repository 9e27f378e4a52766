// RateLimiter: credits against a clock that the test turns.
#include "samplers/rate_limiter.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using jtrace::detail::RateLimiter;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1000 * kSecond;

int taken(RateLimiter& limiter, double per_second, std::int64_t now, int wanted = 1000) {
  int count = 0;
  while (count < wanted && limiter.take(per_second, now)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a bucket is full at first and holds as many credits as it gets in a second") {
  RateLimiter limiter;
  CHECK(taken(limiter, 10, kStart) == 10);
  CHECK(taken(limiter, 10, kStart) == 0);
}

TEST_CASE("credits come back at the rate, and never more than fit") {
  RateLimiter limiter;
  CHECK(taken(limiter, 10, kStart) == 10);
  CHECK(taken(limiter, 10, kStart + kSecond / 10 - 1) == 0);
  CHECK(taken(limiter, 10, kStart + kSecond / 10) == 1);
  CHECK(taken(limiter, 10, kStart + kSecond / 2) == 4);
  CHECK(taken(limiter, 10, kStart + 100 * kSecond) == 10);
}

TEST_CASE("a rate below one holds one credit: one at once, the next when it is earned") {
  RateLimiter limiter;
  CHECK(taken(limiter, 0.5, kStart) == 1);
  CHECK(taken(limiter, 0.5, kStart + 2 * kSecond - 1) == 0);
  CHECK(taken(limiter, 0.5, kStart + 2 * kSecond) == 1);
  CHECK(taken(limiter, 0.5, kStart + 100 * kSecond) == 1);
}

TEST_CASE("a bucket may hold a part of a credit") {
  RateLimiter limiter;
  CHECK(taken(limiter, 1.5, kStart) == 1);  // half a credit is left
  CHECK(taken(limiter, 1.5, kStart + kSecond / 3 - 1000) == 0);
  CHECK(taken(limiter, 1.5, kStart + kSecond / 3 + 1000) == 1);
}

TEST_CASE("a rate of 0, of less or of nothing gives no credit, and the tiniest one gives the first") {
  RateLimiter limiter;
  CHECK(taken(limiter, 0, kStart) == 0);
  CHECK(taken(limiter, -1, kStart) == 0);
  CHECK(taken(limiter, __builtin_nan(""), kStart) == 0);
  CHECK(taken(limiter, 1e-300, kStart) == 1);
  CHECK(taken(limiter, 1e-300, kStart + 1000 * kSecond) == 0);
}

TEST_CASE("a new rate finds the bucket as full, in proportion") {
  RateLimiter before, after;
  CHECK(taken(before, 10, kStart, 5) == 5);
  after.fill_like(before, 10, 100, kStart);
  CHECK(taken(after, 100, kStart) == 50);
  RateLimiter empty, slow;
  CHECK(taken(empty, 10, kStart) == 10);
  slow.fill_like(empty, 10, 0.1, kStart);
  CHECK(taken(slow, 0.1, kStart + 10 * kSecond - 1000) == 0);
  CHECK(taken(slow, 0.1, kStart + 10 * kSecond + 1000) == 1);
}

TEST_CASE("many threads together take no more than there is") {
  RateLimiter limiter;
  std::atomic<int> count{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 20'000; ++turn) count += limiter.take(5000, kStart);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == 5000);
}
