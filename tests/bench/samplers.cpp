// What the decision to keep a new trace costs: nanoseconds beyond a null sampler, which keeps every trace without a look. Each draws the
// trace's id, as start_span() does, asks as start_span() does (Core::keeps), and goes one of two ways by the answer. Prints
// "name<tab>number".
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/core.h"
#include "core/random.h"
#include "jtrace/jtrace.h"
#include "machine.h"

namespace bench {
namespace {

namespace detail = jtrace::detail;

constexpr int kCalls = 100'000;
constexpr int kRounds = 200;

const detail::Core& core_with(const char* type, double param) {
  auto made = jtrace::make_tracer({.service_name = "bench", .endpoint = "127.0.0.1:9", .sampler = {type, param}});
  if (!made) std::exit(1);
  return *detail::Core::all();
}

struct Null {
  bool keeps(std::uint64_t) const noexcept {
    bool answer = true;
    asm volatile("" : "+r"(answer));  // which the compiler does not know
    return answer;
  }
};

struct Counts {
  std::uint64_t kept = 0, left = 0;
};

template <class Asked>
[[gnu::noinline]] double cost_of_one(const Asked& asked) {
  static detail::Random random = [] {
    detail::Random seeded;
    seeded.seed();
    return seeded;
  }();
  Counts counts;
  const double before = thread_nanoseconds();
  for (int i = 0; i < kCalls; ++i) {
    const std::uint64_t id = random.next();
    if (asked.keeps(id)) {
      asm volatile("incq %0" : "+m"(counts.kept) : : "memory");
    } else {
      asm volatile("incq %0" : "+m"(counts.left) : : "memory");
    }
  }
  return (thread_nanoseconds() - before) / kCalls;
}

// Interleaved, and the best of all rounds: other programs can only slow it down.
template <class Asked>
void measure(double& best, const Asked& asked) {
  best = std::min(best, cost_of_one(asked));
}

}  // namespace
}  // namespace bench

int main() {
  using namespace bench;
  pin_this_thread(Core::callers);
  const auto &all = core_with("const", 1), &none = core_with("const", 0), &few = core_with("probabilistic", 0.001),
             &half = core_with("probabilistic", 0.5);
  constexpr double kMost = std::numeric_limits<double>::max();
  double null = kMost, best_all = kMost, best_none = kMost, best_few = kMost, best_half = kMost;
  for (int i = 0; i < kRounds; ++i) {
    measure(null, Null());
    measure(best_all, all);
    measure(best_none, none);
    measure(best_few, few);
    measure(best_half, half);
  }
  const auto beyond = [&](double cost) { return std::max(0.0, cost - null); };
  std::printf("null\t%.3f\nconstant\t%.3f\nprobabilistic\t%.3f\nprobabilistic_half\t%.3f\n", null,
              beyond(std::max(best_all, best_none)), beyond(best_few), beyond(best_half));
}
