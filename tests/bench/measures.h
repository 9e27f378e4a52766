// The main() of the benchmark programs: runs them by Google Benchmark, in repetitions that are interleaved at random so
// that noise meets all of them alike, and prints one line for each: its name, a tab, and the median of its counter
// `value`. Google Benchmark's own options work as ever.
#pragma once

#include <benchmark/benchmark.h>

#include <vector>

#include "machine.h"

namespace bench {

// Runs `measure()`, which returns a figure, once per iteration; the repetition's value is the median.
template <class Measure>
void run(benchmark::State& state, Measure&& measure) {
  std::vector<double> values;
  for ([[maybe_unused]] auto _ : state) values.push_back(measure());
  state.counters["value"] = median(values);
}

}  // namespace bench
