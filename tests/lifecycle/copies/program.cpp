// A program with up to four copies of jtrace. Arguments: a scenario, the plugin's path, and in which order the parts come.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "part.h"
#include "plugin.h"
#include "support/memory.h"

namespace {

struct Chain {
  const std::vector<const Part*>& parts;
  std::size_t at = 0;

  void go_on() {
    if (at < parts.size()) parts[at++]->nest([](void* self) { static_cast<Chain*>(self)->go_on(); }, this);
  }
};

// The parts as the letters say: x the executable, a and b the libraries, p the plugin.
std::vector<const Part*> in_order(const char* letters, const Plugin& plugin) {
  std::vector<const Part*> parts;
  for (; *letters; ++letters) {
    parts.push_back(*letters == 'x'   ? part_of_executable()
                    : *letters == 'a' ? part_of_library_a()
                    : *letters == 'b' ? part_of_library_b()
                                      : plugin.part());
  }
  return parts;
}

void report_of_all(const std::vector<const Part*>& parts) {
  report("workers", count_workers());
  for (const Part* part : parts) {
    const jtrace::Stats stats = part->stats();
    report("finished", static_cast<long long>(stats.finished));
    report("acknowledged", static_cast<long long>(stats.acknowledged));
    report("balanced", stats.is_balanced());
  }
}

void on_thread(void (*job)(void*), void* with) { std::thread(job, with).join(); }

int see_one_tracer(const char* path, int flags, const char* order) {
  const Plugin plugin(path, flags);
  const auto parts = in_order(order, plugin);
  Chain{parts}.go_on();
  for (const Part* part : parts) part->trace(1), part->take_along(on_thread);
  for (const Part* from : parts) {
    for (const Part* to : parts) to->finish(from->start()), to->trace_with(from->handle());
  }
  report("flushed", parts.back()->flush());
  report_of_all(parts);
  return 0;
}

int have_tracers_of_their_own(const char* path, const char* order, const char* endpoint) {
  const Plugin plugin(path);
  for (const Part* part : in_order(order, plugin)) report(part->name, part->trace_apart(endpoint));
  return 0;
}

// The last part configures what all of them use.
int are_configured_by_one(const char* path, const char* order, const char* endpoint) {
  const Plugin plugin(path);
  const auto parts = in_order(order, plugin);
  parts.front()->trace(1);  // nothing is set: off
  report("configured", parts.back()->configure(endpoint));
  for (const Part* part : parts) part->trace(1);
  report("flushed", parts.front()->flush());
  report_of_all(parts);
  return 0;
}

// Threads of the executable trace all the while; so do threads that run the plugin's code, while it is there.
int load_and_unload(const char* path) {
  constexpr int kRounds = 100, kThreads = 2;
  std::atomic<bool> stop{false};
  std::vector<std::thread> live;
  part_of_executable()->trace(1);
  for (int i = 0; i < kThreads; ++i) live.emplace_back(part_of_executable()->run_until, &stop);
  int stayed = 0;
  std::size_t resident = 0;
  for (int round = 0; round < kRounds; ++round) {
    if (round == kRounds / 2) resident = support::resident_bytes();
    Plugin plugin(path);
    std::atomic<bool> enough{false};
    std::thread visitor(plugin.part()->run_until, &enough);
    plugin.part()->trace(1);
    enough = true;
    visitor.join();
    plugin.close();
    stayed += plugin.is_loaded();
  }
  report("grown", static_cast<long long>(support::resident_bytes()) - static_cast<long long>(resident));
  stop = true;
  for (std::thread& thread : live) thread.join();
  report("stayed", stayed);
  const Plugin plugin(path);
  report("flushed", plugin.part()->flush());
  report_of_all({plugin.part()});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string scenario = argc > 1 ? argv[1] : "";
  const char* plugin = argc > 2 ? argv[2] : "";
  const char* order = argc > 3 ? argv[3] : "";
  const char* endpoint = argc > 4 ? argv[4] : "";
  if (scenario == "one tracer") return see_one_tracer(plugin, RTLD_LOCAL, order);
  if (scenario == "one tracer, deep") return see_one_tracer(plugin, RTLD_LOCAL | RTLD_DEEPBIND, order);
  if (scenario == "one tracer, global") return see_one_tracer(plugin, RTLD_GLOBAL, order);
  if (scenario == "own tracers") return have_tracers_of_their_own(plugin, order, endpoint);
  if (scenario == "configured by one") return are_configured_by_one(plugin, order, endpoint);
  if (scenario == "load and unload") return load_and_unload(plugin);
  if (scenario == "stranger") {
    dlopen(order, RTLD_NOW);
    part_of_executable()->trace(1);
    return 0;
  }
  std::fprintf(stderr, "no such scenario\n");
  return 125;
}
