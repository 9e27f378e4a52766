// What a program finds changed that has jtrace for a guest; and code that traces where others would not.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <errno.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "scenarios.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;

void trace(int count) {
  for (int i = 0; i < count; ++i) jtrace::start_span("span", {.tags = {{"n", i}}}).finish();
}

// Where the worker's files lie in /proc, and its id.
std::filesystem::path find_worker() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name == "jtrace") return task.path();
  }
  return {};
}

std::string status_of(const std::filesystem::path& task, const std::string& key) {
  std::ifstream file(task / "status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
  }
  return {};
}

using Dispositions = std::array<struct sigaction, 65>;
Dispositions dispositions() {
  Dispositions all{};
  for (int i = 1; i <= 64; ++i) sigaction(i, nullptr, &all[static_cast<std::size_t>(i)]);
  return all;
}

int keeps_signal_dispositions() {
  const Dispositions before = dispositions();
  sigset_t mask_before, mask_after;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  for (int i = 0; i < 5; ++i) {
    trace(2000);
    report("flushed", jtrace::tracer().flush(20s));
  }
  jtrace::tracer().close(20s);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  int changed = 0;
  const Dispositions after = dispositions();
  for (std::size_t i = 1; i <= 64; ++i) changed += after[i].sa_handler != before[i].sa_handler;
  report("changed", changed);
  int masked = 0;
  for (int i = 1; i <= 64; ++i) masked += sigismember(&mask_before, i) != sigismember(&mask_after, i);
  report("masked", masked);
  return 0;
}

// The thread that happens to trace first is pinned to a core, of another policy, and has a signal blocked.
int starts_the_worker_from_a_pinned_thread() {
  std::thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    report("pinned", sched_setaffinity(0, sizeof one, &one) == 0);
    sched_param none{};
    report("batch", pthread_setschedparam(pthread_self(), SCHED_BATCH, &none) == 0);
    trace(1);
    jtrace::tracer().flush(20s);
    int policy = -1;
    pthread_getschedparam(pthread_self(), &policy, &none);
    cpu_set_t still;
    sched_getaffinity(0, sizeof still, &still);
    report("starter unchanged", policy == SCHED_BATCH && CPU_EQUAL(&one, &still));
  }).join();
  const std::filesystem::path worker = find_worker();
  const int id = std::stoi(worker.filename().string());
  cpu_set_t own, workers;
  sched_getaffinity(getpid(), sizeof own, &own);
  sched_getaffinity(id, sizeof workers, &workers);
  report("same affinity", CPU_EQUAL(&own, &workers));
  report("cores", CPU_COUNT(&own));
  report("policy", sched_getscheduler(id));
  report("blocked", status_of(worker, "SigBlk"));
  return 0;
}

std::atomic<long long> interruptions{0};
void trace_in_handler(int) {
  const int before = errno;
  interruptions.fetch_add(1, std::memory_order_relaxed);
  auto active = jtrace::start_active_span("in a handler", {.tags = {{"n", 1}}});
  active->set_tag("text", "literal").log("logged");
  auto inner = jtrace::tracer().start_span("in a handler, inner");
  active->set_operation_name("still in a handler");
  inner.finish();
  errno = before;
}

// Each thread is interrupted again and again, wherever it is just then.
int traces_in_signal_handlers() {
  constexpr int kThreads = 4, kWanted = 4'000;
  trace(1);
  struct sigaction action{};
  action.sa_handler = trace_in_handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  std::atomic<int> strays{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&strays] {
      trace(1);
      for (int i = 1; interruptions.load(std::memory_order_relaxed) < kWanted; ++i) {
        if (i % 100 == 0) jtrace::tracer().flush(20s);  // so that the queue has room
        auto outer = jtrace::start_active_span("interrupted");
        outer->set_tag("a", 1).set_tag("text", std::string(700, 'x'));
        const auto id = outer->context().span_id();
        auto inner = jtrace::tracer().start_span("interrupted, inner");
        inner.set_baggage_item("k", "v");
        inner.finish();
        strays += jtrace::active_span().context().span_id() != id;  // the handler's scope would be left behind
      }
    });
  }
  while (interruptions < kWanted) {
    for (std::thread& thread : threads) pthread_kill(thread.native_handle(), SIGUSR1);
  }
  for (std::thread& thread : threads) thread.join();
  report("strays", strays);
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  const jtrace::Stats stats = jtrace::tracer().stats();
  report("reentrant", static_cast<long long>(stats.drops.reentrant));
  report("other losses", static_cast<long long>(stats.dropped() - stats.drops.reentrant - stats.drops.queue_full));
  return 0;
}

// Whatever the library has to say, the sink traces it: as deep as that goes.
int traces_in_the_log_sink() {
  static std::atomic<int> lines{0}, depth{0}, deepest{0};
  jtrace::set_log_sink([](void*, jtrace::LogLevel, std::string_view line) noexcept {
    ++lines;
    deepest = std::max<int>(deepest, ++depth);
    auto active = jtrace::start_active_span("log", {.tags = {{"line", std::string(line)}}});
    jtrace::tracer().start_span("inside").finish();
    jtrace::tracer().flush(20s);
    --depth;
  });
  jtrace::set_log_level(jtrace::LogLevel::debug);
  // Says so, before the global tracer, which the sink uses, is configured.
  const auto own = jtrace::make_tracer({.service_name = "own"});
  report("own", own.has_value());
  trace(10);
  auto made = jtrace::init({.flush_interval = 1h});
  report("configured", made.has_value());
  trace(10);
  jtrace::tracer().flush(20s);
  report("wrong", jtrace::init({.endpoint = "gopher://x"}).has_value());
  jtrace::tracer().flush(20s);
  report("lines", lines);
  report("deepest", deepest);
  report(jtrace::tracer().stats());
  return 0;
}

}  // namespace

const Named guests[] = {
    {"keeps signal dispositions", keeps_signal_dispositions},
    {"starts the worker from a pinned thread", starts_the_worker_from_a_pinned_thread},
    {"traces in signal handlers", traces_in_signal_handlers},
    {"traces in the log sink", traces_in_the_log_sink},
    {},
};

}  // namespace scenarios
