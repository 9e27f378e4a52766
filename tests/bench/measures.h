// The main() of the benchmark programs: runs them by Google Benchmark, in repetitions that are interleaved at random so
// that noise meets all of them alike, and prints one line for each: its name, a tab, and the best that was measured. Whoever
// else uses the machine, or the one below a virtual machine, can only slow the work down. Google Benchmark's own options
// work as ever.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "machine.h"

namespace bench {

template <class Measure>
std::vector<double> measured(benchmark::State& state, Measure&& measure) {
  std::vector<double> values;
  for ([[maybe_unused]] auto _ : state) values.push_back(measure());
  return values;
}
// Runs `measure()`, which returns a time, or a rate, once per iteration.
template <class Measure>
void run(benchmark::State& state, Measure&& measure) {
  state.counters["time"] = std::ranges::min(measured(state, measure));
}
template <class Measure>
void run_rate(benchmark::State& state, Measure&& measure) {
  state.counters["rate"] = std::ranges::max(measured(state, measure));
}

}  // namespace bench
