// One kind of work, done a given number of times by a function of its own, for tools that watch from outside: callgrind
// counts its instructions, strace its system calls.
//
//   bench-steps WORK COUNT
//
// Two runs, one with twice the count of the other, differ by COUNT pieces of work and nothing else. Around the work stand
// two writes to nowhere ("begin", "end"), which strace shows.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "encode/thrift_binary.h"
#include "functions.h"
#include "records.h"
#include "rig.h"
#include "workload.h"

namespace bench {
namespace {

using jtrace::detail::Batch;
using jtrace::detail::Run;
using jtrace::detail::Sampler;
using jtrace::detail::ThriftBinaryEncoder;
using jtrace::detail::TickMap;

constexpr int kWarmUp = 1000;
// Under callgrind threads take turns of milliseconds: a reporter that compared its clocks between two of them would take
// them for unsound, and spans would be stamped by the slower one. So it rests until the work is done, or the queue is half
// used.
constexpr std::chrono::hours kRest(1);
constexpr std::chrono::minutes kLastFlush(1);

void mark(std::string_view text) { [[maybe_unused]] const auto refused = write(-1, text.data(), text.size()); }

template <class Work>
[[gnu::noinline]] void repeat(int count, Work&& work) {
  for (int i = 0; i < count; ++i) work(i);
}

template <class Work>
void measure(int count, Work&& work) {
  repeat(kWarmUp, work);
  mark("begin");
  repeat(count, work);
  mark("end");
}

void sampled_root(int count) {
  const SinkProcess sink;
  const jtrace::Tracer tracer = make_tracer(sink, kRest);
  measure(count, [&](int i) { trace_call(tracer, i); });
  tracer.flush(kLastFlush);
}

void sampled_child(int count) {
  const SinkProcess sink;
  const jtrace::Tracer tracer = make_tracer(sink, kRest);
  {
    const jtrace::ActiveSpan parent = tracer.start_active_span("parent");
    measure(count, [&](int i) { trace_call(tracer, i); });
  }
  tracer.flush(kLastFlush);
}

void unsampled_root(int count) {
  const jtrace::Tracer tracer =
      *jtrace::make_tracer({.service_name = "bench", .endpoint = "127.0.0.1:9", .sampler = {"const", 0}});
  measure(count, [&](int i) { trace_call(tracer, i); });
}

void unsampled_child(int count) {
  const jtrace::Tracer tracer = *jtrace::make_tracer({.service_name = "bench", .endpoint = "127.0.0.1:9"});
  const jtrace::SpanContext unsampled({1, 2}, {3}, false);
  const jtrace::Scope scope = jtrace::activate(unsampled);
  measure(count, [&](int i) { trace_call(tracer, i); });
}

template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(value) : "memory");
}

// The loops around the others, which are no part of a span.
void no_span(int count) {
  const jtrace::Tracer tracer;
  measure(count, [&](int i) {
    keep(&tracer);
    keep(i);
  });
}
void no_encoding(int count) {
  const Records records(Shape::child, kWarmUp);
  measure(count / Records::kPerRun, [&](int i) { keep(records.runs()[static_cast<std::size_t>(i) % records.runs().size()]); });
}

void unconfigured(int count) {
  measure(count, [](int i) { trace_call(jtrace::tracer(), i); });
}

// By the global tracer, as functions are.
template <class F>
void traced_function(int count, F function) {
  const SinkProcess sink;
  const jtrace::Tracer tracer = make_tracer(sink, kRest);
  {
    const jtrace::ActiveSpan parent = tracer.start_active_span("parent");
    measure(count, [&](int i) { keep(function(i)); });
  }
  tracer.flush(kLastFlush);
}
template <class F>
void untraced_function(int count, F function) {
  measure(count, [&](int i) { keep(function(i)); });
}

// A batch is begun anew after each thousand spans.
void encode(Shape shape, int count) {
  const Records records(shape, kWarmUp);
  ThriftBinaryEncoder encoder("bench", {}, Sampler::constant(true), std::size_t{1} << 30);
  TickMap time;
  time.begin({1, 1'700'000'000'000'000'000});
  Batch batch;
  measure(count / Records::kPerRun, [&](int i) {
    const std::size_t number = static_cast<std::size_t>(i) % records.runs().size();
    if (number == 0) encoder.begin(batch);
    Run run = records.runs()[number];
    encoder.append(batch, run, time);
  });
}

const std::map<std::string_view, std::function<void(int)>> works = {
    {"sampled_root", sampled_root},
    {"sampled_child", sampled_child},
    {"unsampled_root", unsampled_root},
    {"unsampled_child", unsampled_child},
    {"unconfigured", unconfigured},
    {"function_by_hand", [](int count) { traced_function(count, by_hand); }},
    {"function_by_macro", [](int count) { traced_function(count, by_macro); }},
    {"function_by_traced", [](int count) { traced_function(count, by_traced); }},
    {"function_untraced", [](int count) { untraced_function(count, work); }},
    {"no_span", no_span},
    {"no_encoding", no_encoding},
    {"encode_child", [](int count) { encode(Shape::child, count); }},
    {"encode_root", [](int count) { encode(Shape::root, count); }},
};

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  const auto work = count == 3 ? bench::works.find(arguments[1]) : bench::works.end();
  if (work == bench::works.end()) {
    std::fputs("usage: bench-steps WORK COUNT, where WORK is one of:\n", stderr);
    for (const auto& [name, run] : bench::works) std::fprintf(stderr, "  %s\n", name.data());
    return 2;
  }
  work->second(std::atoi(arguments[2]));
  return 0;
}
