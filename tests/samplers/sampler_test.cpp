// Samplers: the bounds of each rate, agreement between services, and what a random crowd of traces gets.
#include "samplers/sampler.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <random>

#include "core/random.h"
#include "record/seed.h"

using jtrace::detail::Random;
using jtrace::detail::Sampler;

namespace {

constexpr std::uint64_t kMost = ~std::uint64_t{0};
constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;

}  // namespace

TEST_CASE("const keeps all or nothing") {
  for (const std::uint64_t id : {std::uint64_t{1}, kHalf, kMost}) {
    CHECK(Sampler::constant(true).keeps(id));
    CHECK_FALSE(Sampler::constant(false).keeps(id));
  }
  CHECK(Sampler::constant(true).name() == "const");
  CHECK(Sampler::constant(true).param() == 1);
  CHECK(Sampler::constant(false).param() == 0);
}

TEST_CASE("a rate of 0 keeps no trace and a rate of 1 every one, the extreme ids included") {
  for (const std::uint64_t id : {std::uint64_t{1}, kHalf, kMost - 1, kMost}) {
    CAPTURE(id);
    CHECK_FALSE(Sampler::probabilistic(0).keeps(id));
    CHECK(Sampler::probabilistic(1).keeps(id));
  }
  CHECK(Sampler::probabilistic(1).name() == "probabilistic");
}

TEST_CASE("a rate keeps the ids below its share of all, to the very id") {
  const Sampler half = Sampler::probabilistic(0.5);
  CHECK(half.keeps(1));
  CHECK(half.keeps(kHalf - 1));
  CHECK_FALSE(half.keeps(kHalf));
  CHECK_FALSE(half.keeps(kMost));
  const Sampler quarter = Sampler::probabilistic(0.25);
  CHECK(quarter.keeps(kHalf / 2 - 1));
  CHECK_FALSE(quarter.keeps(kHalf / 2));
  const Sampler least = Sampler::probabilistic(0x1p-64);
  CHECK_FALSE(least.keeps(1));  // it would keep 0, which is no id
  const Sampler nearly_all = Sampler::probabilistic(std::nextafter(1.0, 0.0));
  CHECK(nearly_all.keeps(kMost - (1 << 20)));
  CHECK_FALSE(nearly_all.keeps(kMost));
  CHECK(quarter.param() == 0.25);
}

TEST_CASE("whoever samples at a higher rate keeps all that others keep at a lower one") {
  std::mt19937_64 random(fixture::announced_seed());
  const Sampler low = Sampler::probabilistic(0.1), high = Sampler::probabilistic(0.4);
  bool agree = true;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t id = random();
    agree = agree && (!low.keeps(id) || high.keeps(id));
  }
  CHECK(agree);
}

TEST_CASE("of random traces a rate keeps its share, within four standard deviations") {
  Random ids{{0x9e3779b97f4a7c15, 2, 3, 4}};  // the same crowd each time: one in some thousands would be off by chance
  for (const double rate : {0.001, 0.1, 0.5, 0.9}) {
    CAPTURE(rate);
    const Sampler sampler = Sampler::probabilistic(rate);
    constexpr double kTraces = 400'000;
    int kept = 0;
    for (int i = 0; i < static_cast<int>(kTraces); ++i) kept += sampler.keeps(ids.next());
    const double deviation = std::sqrt(kTraces * rate * (1 - rate));
    CHECK(std::abs(kept - kTraces * rate) < 4 * deviation);
  }
}
