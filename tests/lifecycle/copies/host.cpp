// A program that knows nothing of jtrace and loads plugins that use it. Arguments: a scenario, the plugin's path, more.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "part.h"
#include "plugin.h"

namespace {

void report_of(const Part& part) {
  report("flushed", part.flush());
  report("workers", count_workers());
  report("finished", static_cast<long long>(part.stats().finished));
  report("acknowledged", static_cast<long long>(part.stats().acknowledged));
  report("balanced", part.stats().is_balanced());
}

// Threads run the plugin's code for ever; the plugin is closed all the same, if its copy of jtrace keeps it there.
int load_and_unload(const char* path, bool with_threads) {
  int stayed = 0;
  for (int round = 0; round < 100; ++round) {
    Plugin plugin(path);
    if (with_threads && round % 50 == 0) std::thread(plugin.part()->run_until, nullptr).detach();
    plugin.part()->trace(1);
    plugin.close();
    stayed += plugin.is_loaded();
  }
  report("stayed", stayed);
  const Plugin plugin(path);
  report_of(*plugin.part());
  return 0;
}

// So many libraries that each take 16 bytes of what there is for static TLS; how many there was room for.
int load_hungry(const std::string& library, int most) {
  for (int loaded = 0; loaded < most; ++loaded) {
    const std::string copy = library + "." + std::to_string(getpid()) + "." + std::to_string(loaded);
    std::filesystem::copy_file(library, copy);
    const bool fits = dlopen(copy.c_str(), RTLD_NOW) != nullptr;
    std::filesystem::remove(copy);
    if (!fits) return loaded;
  }
  return most;
}

int load_after_hungry(const char* path, const std::string& library, int most) {
  if (load_hungry(library, most) != most) return 5;
  const Plugin plugin(path);
  plugin.part()->trace(1);
  report_of(*plugin.part());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string scenario = argc > 2 ? argv[1] : "";
  if (scenario == "load and unload") return load_and_unload(argv[2], false);
  if (scenario == "unload under threads") return load_and_unload(argv[2], true);
  if (scenario == "count hungry") {
    report("fit", load_hungry(argv[2], 10'000));
    return 0;
  }
  if (scenario == "after hungry" && argc > 4) return load_after_hungry(argv[2], argv[3], std::atoi(argv[4]));
  std::fprintf(stderr, "no such scenario\n");
  return 125;
}
