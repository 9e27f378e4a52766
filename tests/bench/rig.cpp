#include "rig.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "workload.h"

namespace bench {
namespace {

constexpr int kPause = 100;  // microseconds

}  // namespace

jtrace::Tracer make_tracer(const SinkProcess& sink, std::chrono::nanoseconds flush_interval) {
  auto made = jtrace::make_tracer(
      {.service_name = "bench", .endpoint = sink.endpoint(), .flush_interval = flush_interval});
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message().c_str());
    std::exit(1);
  }
  return *made;
}

Rig::Rig(int delay_milliseconds, SinkProcess::Place sink)
    : sink_(delay_milliseconds, sink), tracer_(make_tracer(sink_)) {
  trace_call(tracer_);  // starts the reporter
  tracer_.flush(std::chrono::seconds(10));
  if (!pin_thread_named("jtrace", Core::reporters)) std::fputs("the reporter's thread was not found\n", stderr);
  pin_this_thread(Core::callers);
}

void Rig::drain() const {
  tracer_.flush(std::chrono::seconds(60));
  while (tracer_.stats().queued != 0) sleep_microseconds(kPause);
}

std::uint64_t Rig::lost() const {
  const jtrace::Stats stats = tracer_.stats();
  return stats.dropped() + stats.failed();
}

Rig& rig() {
  static Rig* const one = new Rig();
  return *one;
}

}  // namespace bench
