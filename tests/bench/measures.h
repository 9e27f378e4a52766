// The main() of the benchmark programs: runs them by Google Benchmark, in repetitions that are interleaved at random so
// that noise meets all of them alike, and prints one line for each: its name, a tab, and the median of its counter
// `value`. Google Benchmark's own options work as ever.
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
// Runs `measure()`, which returns a time or a rate, once per iteration. The repetition's value is the best one: whoever else
// uses the machine, and the machine below a virtual one, can only slow the work down.
template <class Measure>
void run(benchmark::State& state, Measure&& measure) {
  state.counters["value"] = std::ranges::min(measured(state, measure));
}
template <class Measure>
void run_rate(benchmark::State& state, Measure&& measure) {
  state.counters["value"] = std::ranges::max(measured(state, measure));
}

}  // namespace bench
