// What a traced function costs where tracing is off: nanoseconds beyond the same function untraced. A program of its own, since a
// single live tracer of a process puts an end to that. Prints "name<tab>number".
#include "functions.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "machine.h"

namespace bench {
namespace {

constexpr int kRounds = 200;

// Interleaved, and the best of all rounds: other programs can only slow it down.
struct Best {
  double untraced = std::numeric_limits<double>::max(), macro = untraced, traced = untraced;
  void measure() {
    untraced = std::min(untraced, cost_of_one(work));
    macro = std::min(macro, cost_of_one(by_macro));
    traced = std::min(traced, cost_of_one(by_traced));
  }
};

}  // namespace
}  // namespace bench

int main() {
  bench::Best best;
  for (int i = 0; i < bench::kRounds; ++i) best.measure();
  std::printf("off_by_macro\t%.3f\noff_by_traced\t%.3f\n", std::max(0.0, best.macro - best.untraced), std::max(0.0, best.traced - best.untraced));
}
