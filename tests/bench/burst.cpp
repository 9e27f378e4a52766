// 512 threads trace, and then one of them bursts 100,000 spans while the collector takes a millisecond for each POST: how many
// are lost? The queue belongs to all threads together, so the burst may use what the others leave.
#include <barrier>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "rig.h"
#include "workload.h"

namespace bench {
namespace {

constexpr int kThreads = 512;
constexpr int kBurst = 100'000;
constexpr int kDelayMilliseconds = 1;

std::uint64_t lost_of_a_burst() {
  const Rig on(kDelayMilliseconds);
  unpin_this_thread();
  std::barrier all_alive(kThreads), all_done(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      trace_call(on.tracer());
      all_alive.arrive_and_wait();
      if (i == 0) trace_calls(on.tracer(), kBurst);
      all_done.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads) thread.join();
  on.drain();
  const jtrace::Stats stats = on.tracer().stats();
  return stats.started - stats.acknowledged;
}

}  // namespace
}  // namespace bench

int main() {
  std::printf("lost_of_a_burst\t%lu\n", static_cast<unsigned long>(bench::lost_of_a_burst()));
  return 0;
}
