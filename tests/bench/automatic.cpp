// What a function that is compiled for automatic tracing costs where it is not traced: nanoseconds beyond the same function compiled
// as ever. Prints "name<tab>number".
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "automatic_work.h"
#include "machine.h"

namespace bench {
namespace {

constexpr int kRounds = 200;

// Interleaved, and the best of all rounds: other programs can only slow it down.
struct Best {
  double plain = std::numeric_limits<double>::max(), left_out = plain, off = plain;
  void measure() {
    plain = std::min(plain, cost_of_one(bench::not_instrumented));
    left_out = std::min(left_out, cost_of_one(bench::left_out));
    off = std::min(off, cost_of_one(bench::chosen));
  }
};

}  // namespace
}  // namespace bench

int main() {
  setenv("JTRACE_INSTRUMENT", "bench::*;!bench::left_*", 1);
  unsetenv("JAEGER_ENDPOINT");
  bench::Best best;
  for (int i = 0; i < bench::kRounds; ++i) best.measure();
  std::printf("left_out\t%.3f\noff\t%.3f\n", best.left_out - best.plain, best.off - best.plain);
}
