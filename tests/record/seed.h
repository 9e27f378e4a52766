// Where randomness in a test begins: printed, so that a failure can be had again with JTRACE_TEST_SEED.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace fixture {

inline std::uint64_t announced_seed() {
  const char* given = std::getenv("JTRACE_TEST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("JTRACE_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  return seed;
}

}  // namespace fixture
