#include "machine.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace bench {
namespace {

cpu_set_t allowed_at_start() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  return allowed;
}
const cpu_set_t allowed = allowed_at_start();

// The first two cores that this process may use.
cpu_set_t only(Core core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  int wanted = core == Core::callers ? 0 : 1;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (wanted-- == 0) break;
  }
  return one;
}

double read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

void pin_this_thread(Core core) {
  const cpu_set_t one = only(core);
  sched_setaffinity(0, sizeof one, &one);
}

bool pin_thread_named(std::string_view name, Core core) {
  const cpu_set_t one = only(core);
  bool found = false;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string its_name;
    std::getline(std::ifstream(task.path() / "comm"), its_name);
    if (its_name != name) continue;
    sched_setaffinity(std::stoi(task.path().filename()), sizeof one, &one);
    found = true;
  }
  return found;
}

void unpin_this_thread() { sched_setaffinity(0, sizeof allowed, &allowed); }

double thread_nanoseconds() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
double wall_nanoseconds() { return read_clock(CLOCK_MONOTONIC); }

void sleep_microseconds(int time) {
  const timespec pause{0, time * 1000L};
  nanosleep(&pause, nullptr);
}

}  // namespace bench
