#include "measures.h"

#include <cstdio>
#include <map>
#include <string>

namespace {

class MedianReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto value = run.counters.find("value");
      if (run.run_type == Run::RT_Iteration && value != run.counters.end())
        values_[run.run_name.function_name].push_back(value->second.value);
    }
  }

  void Finalize() override {
    for (const auto& [name, values] : values_) std::printf("%s\t%.4g\n", name.c_str(), bench::median(values));
  }

 private:
  std::map<std::string, std::vector<double>> values_;
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
  MedianReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
