// What it costs a caller to send a context along and to take one in: nanoseconds of its thread for one inject into, or extract from,
// a request of eight headers, by one format at a time and by the default two. Not of the carrier: names and values are
// handed over, not copied.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "jtrace/jtrace.h"
#include "measures.h"

namespace bench {
namespace {

constexpr int kCalls = 200'000;
constexpr int kRounds = 5;

using Headers = std::array<std::pair<std::string_view, std::string_view>, 8>;

constexpr Headers request_with(std::string_view name, std::string_view value) {
  return {{{"host", "orders.example:8080"},
           {"user-agent", "client/1.0"},
           {"accept", "application/json"},
           {"accept-encoding", "gzip, br"},
           {"content-type", "application/json"},
           {name, value},
           {"content-length", "1834"},
           {"x-request-id", "5f2d8c1a-7b6e-4e0f-9d3c-2a1b0c9d8e7f"}}};
}

constexpr Headers kW3c = request_with("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
constexpr Headers kJaeger = request_with("uber-trace-id", "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0:1");
constexpr Headers kB3 = request_with("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1");

jtrace::Tracer tracer_with(const char* propagation) {
  auto made = jtrace::make_tracer({.service_name = "bench",
                                   .endpoint = "http://127.0.0.1:1",
                                   .flush_interval = std::chrono::hours(1),
                                   .propagation = propagation});
  if (!made) std::exit(1);
  return *made;
}

template <class Work>
void time(benchmark::State& state, Work&& work) {
  pin_this_thread(Core::callers);
  run(state, [&] {
    const double before = thread_nanoseconds();
    for (int i = 0; i < kCalls; ++i) work();
    return (thread_nanoseconds() - before) / kCalls;
  });
}

void extract(benchmark::State& state, const char* propagation, const Headers& headers) {
  const jtrace::Tracer tracer = tracer_with(propagation);
  if (!tracer.extract(headers).is_valid()) std::exit(1);
  time(state, [&] {
    const jtrace::SpanContext context = tracer.extract(headers);
    benchmark::DoNotOptimize(&context);
  });
}

void inject(benchmark::State& state, const char* propagation) {
  const jtrace::Tracer tracer = tracer_with(propagation);
  const jtrace::SpanContext context({0x4bf92f3577b34da6, 0xa3ce929d0e0e4736}, {0x00f067aa0ba902b7}, true);
  const auto carrier = [](std::string_view name, std::string_view value) {
    benchmark::DoNotOptimize(name.data());
    benchmark::DoNotOptimize(value.data());
  };
  time(state, [&] { tracer.inject(context, carrier); });
}

// What one writes by hand: printf and scanf, of the header alone.
void usual_inject(benchmark::State& state) {
  unsigned long long high = 0x4bf92f3577b34da6, low = 0xa3ce929d0e0e4736, span = 0x00f067aa0ba902b7;
  char text[64];
  time(state, [&] {
    benchmark::DoNotOptimize(high);
    std::snprintf(text, sizeof text, "00-%016llx%016llx-%016llx-%02x", high, low, span, 1u);
    benchmark::DoNotOptimize(&text);
  });
}

void usual_extract(benchmark::State& state) {
  const char* header = kW3c[5].second.data();
  time(state, [&] {
    unsigned long long high = 0, low = 0, span = 0;
    unsigned flags = 0;
    benchmark::DoNotOptimize(std::sscanf(header, "00-%16llx%16llx-%16llx-%2x", &high, &low, &span, &flags));
    benchmark::DoNotOptimize(high);
  });
}

BENCHMARK_CAPTURE(extract, w3c, "w3c", kW3c)->Name("extract_w3c")->Iterations(kRounds);
BENCHMARK_CAPTURE(extract, jaeger, "jaeger", kJaeger)->Name("extract_jaeger")->Iterations(kRounds);
BENCHMARK_CAPTURE(extract, b3, "b3single", kB3)->Name("extract_b3")->Iterations(kRounds);
BENCHMARK_CAPTURE(extract, both, "jaeger,w3c", kW3c)->Name("extract_default")->Iterations(kRounds);
BENCHMARK_CAPTURE(inject, w3c, "w3c")->Name("inject_w3c")->Iterations(kRounds);
BENCHMARK_CAPTURE(inject, jaeger, "jaeger")->Name("inject_jaeger")->Iterations(kRounds);
BENCHMARK_CAPTURE(inject, b3, "b3single")->Name("inject_b3")->Iterations(kRounds);
BENCHMARK_CAPTURE(inject, both, "jaeger,w3c")->Name("inject_default")->Iterations(kRounds);
BENCHMARK(usual_extract)->Iterations(kRounds);
BENCHMARK(usual_inject)->Iterations(kRounds);

}  // namespace
}  // namespace bench
