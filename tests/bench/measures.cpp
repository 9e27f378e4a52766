#include "measures.h"

#include <cstdio>
#include <map>
#include <string>

namespace {

class BestReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      for (const auto& [kind, counter] : run.counters) {
        const auto [place, is_new] = best_.emplace(run.run_name.function_name, counter.value);
        const bool is_better = kind == "time" ? counter.value < place->second : counter.value > place->second;
        if (is_new || is_better) place->second = counter.value;
      }
    }
  }

  void Finalize() override {
    for (const auto& [name, value] : best_) std::printf("%s\t%.4g\n", name.c_str(), value);
  }

 private:
  std::map<std::string, double> best_;
};

// Before the user's own options, which come later and win.
std::vector<char*> with_defaults(int count, char** arguments) {
  static std::string defaults[] = {"--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=15"};
  std::vector<char*> all = {arguments[0]};
  for (std::string& text : defaults) all.push_back(text.data());
  all.insert(all.end(), arguments + 1, arguments + count);
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<char*> all = with_defaults(count, arguments);
  int all_count = static_cast<int>(all.size());
  all.push_back(nullptr);
  benchmark::Initialize(&all_count, all.data());
  if (benchmark::ReportUnrecognizedArguments(all_count, all.data())) return 2;
  BestReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
