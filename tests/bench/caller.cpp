// What tracing costs the caller: nanoseconds of its thread for one span with two tags, beside two reads of the time stamp
// counter, which is what knowing the time alone costs, and beside the usual way.
//
// A sampled span is measured in bursts. Each begins with enough spans to wake the reporter (`kPrelude`); the next `kTimed`
// ones are timed, while the reporter reads on its core; then everything is sent before the next burst begins.
// Nothing may be lost in between, so that no figure comes from spans that were dropped.
#include <atomic>
#include <cstdio>
#include <thread>

#include "measures.h"
#include "rig.h"
#include "usual_way.h"
#include "workload.h"

namespace bench {
namespace {

constexpr int kPrelude = 40'000;  // 5 MB: more than the 4 MB that wake the reporter
constexpr int kTimed = 60'000;

// Nanoseconds of this thread for one of `count` runs.
template <class Work>
double cost_of_one(int count, Work&& work) {
  const double before = thread_nanoseconds();
  for (int i = 0; i < count; ++i) work(i);
  return (thread_nanoseconds() - before) / count;
}

void two_tsc_reads(benchmark::State& state) {
  pin_this_thread(Core::callers);
  run(state, [] {
    return cost_of_one(kTimed, [](int) {
      benchmark::DoNotOptimize(__builtin_ia32_rdtsc());
      benchmark::DoNotOptimize(__builtin_ia32_rdtsc());
    });
  });
}

double sampled_burst(const jtrace::Tracer& tracer) {
  trace_calls(tracer, kPrelude);
  return cost_of_one(kTimed, [&](int i) { trace_call(tracer, i); });
}

void complain_if_lost() {
  if (const std::uint64_t lost = rig().lost()) std::fprintf(stderr, "%lu spans were lost\n", static_cast<unsigned long>(lost));
}

void sampled_root(benchmark::State& state) {
  const Rig& on = rig();
  run(state, [&] {
    const double cost = sampled_burst(on.tracer());
    on.drain();
    return cost;
  });
  complain_if_lost();
}

void sampled_child(benchmark::State& state) {
  const Rig& on = rig();
  const jtrace::ActiveSpan parent = on.tracer().start_active_span("parent");
  run(state, [&] {
    const double cost = sampled_burst(on.tracer());
    on.drain();
    return cost;
  });
  complain_if_lost();
}

// The reader reads all the time here.
void sampled_child_active(benchmark::State& state) {
  const Rig& on = rig();
  const jtrace::ActiveSpan parent = on.tracer().start_active_span("parent");
  run(state, [&] {
    trace_calls(on.tracer(), kPrelude);
    const double cost = cost_of_one(kTimed, [&](int i) {
      jtrace::ActiveSpan span = on.tracer().start_active_span("get_user");
      span->set_tag("http.method", "GET");
      span->set_tag("http.status_code", i);
    });
    on.drain();
    return cost;
  });
  complain_if_lost();
}

// Two threads at once, each on a core; the reporter shares the second.
double two_bursts(const jtrace::Tracer& tracer) {
  std::atomic<int> ready{0};
  double costs[2];
  const auto produce = [&](int index) {
    pin_this_thread(index == 0 ? Core::callers : Core::reporters);
    const jtrace::ActiveSpan parent = tracer.start_active_span("parent");
    trace_calls(tracer, kPrelude / 2);
    for (++ready; ready.load() != 2;) std::this_thread::yield();
    costs[index] = cost_of_one(kTimed, [&](int i) { trace_call(tracer, i); });
  };
  std::thread first(produce, 0), second(produce, 1);
  first.join();
  second.join();
  return (costs[0] + costs[1]) / 2;
}

void two_producers(benchmark::State& state) {
  const Rig& on = rig();
  run(state, [&] {
    const double cost = two_bursts(on.tracer());
    on.drain();
    return cost;
  });
  complain_if_lost();
}

void unsampled_child(benchmark::State& state) {
  const jtrace::Tracer& tracer = rig().tracer();
  const jtrace::SpanContext unsampled({1, 2}, {3}, false);
  const jtrace::Scope scope = jtrace::activate(unsampled);
  run(state, [&] { return cost_of_one(kTimed, [&](int i) { trace_call(tracer, i); }); });
}

void unsampled_root(benchmark::State& state) {
  static const jtrace::Tracer tracer =
      *jtrace::make_tracer({.service_name = "bench", .endpoint = "127.0.0.1:9", .sampler = {"const", 0}});
  run(state, [&] { return cost_of_one(kTimed, [&](int i) { trace_call(tracer, i); }); });
}

void unconfigured(benchmark::State& state) {
  run(state, [&] { return cost_of_one(kTimed, [&](int i) { trace_call(jtrace::tracer(), i); }); });
}

// ── the usual way ──

// Reads in bulk and throws away; sleeps a millisecond when there is nothing.
class UsualReader {
 public:
  UsualReader() : thread_([this] { read(); }) {}

  usual::Queue queue{256 * 1024};
  void drain() const {
    while (read_.load() != written) sleep_microseconds(100);
  }
  std::uint64_t written = 0;

 private:
  void read() {
    pin_this_thread(Core::reporters);
    std::vector<usual::Span> spans(256);
    for (;;) {
      const std::size_t count = queue.try_dequeue_bulk(spans.begin(), spans.size());
      if (count == 0) sleep_microseconds(1000);
      for (std::size_t i = 0; i < count; ++i) benchmark::DoNotOptimize(spans[i].span_id);
      read_ += count;
    }
  }

  std::atomic<std::uint64_t> read_{0};
  std::thread thread_;
};

void usual_way(benchmark::State& state) {
  static UsualReader* const reader = new UsualReader();
  static usual::Tracer* const tracer = new usual::Tracer(reader->queue);
  pin_this_thread(Core::callers);
  run(state, [&] {
    for (int i = 0; i < kPrelude; ++i) usual::trace_call(*tracer, i);
    const double cost = cost_of_one(kTimed, [&](int i) { usual::trace_call(*tracer, i); });
    reader->written += kPrelude + kTimed;
    reader->drain();
    return cost;
  });
}

constexpr int kBursts = 20;
BENCHMARK(two_tsc_reads)->Iterations(kBursts);
BENCHMARK(sampled_root)->Iterations(kBursts);
BENCHMARK(sampled_child)->Iterations(kBursts);
BENCHMARK(sampled_child_active)->Iterations(kBursts);
BENCHMARK(two_producers)->Iterations(kBursts);
BENCHMARK(unsampled_child)->Iterations(kBursts);
BENCHMARK(unsampled_root)->Iterations(kBursts);
BENCHMARK(unconfigured)->Iterations(kBursts);
BENCHMARK(usual_way)->Iterations(kBursts);

}  // namespace
}  // namespace bench
