// What does finish() cost while the collector fails in one way or another, beside a collector that answers? The caller shares no
// lock with the worker, so it should not notice: neither in the middle (p50) nor at the worst (p99, p99.9).
//
// Spans are finished at a steady pace, each timed by itself. A round takes every far side in turn: a tracer of its own, a while
// that is not measured, in which the buffers are touched for the first time (a page fault each page, whoever listens; beside a
// TLS handshake more of them, since reading the system's certificates holds the worker up once), then stretches that are. The
// quietest tenth of them counts, which leaves out what other work on this machine did to the others.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "jtrace/log.h"
#include "jtrace/tracer.h"
#include "machine.h"
#include "support/failing_far_sides.h"
#include "support/http_server.h"
#include "ticks.h"

namespace bench {
namespace {

using namespace std::chrono_literals;
using jtrace::detail::read_ticks;

constexpr int kRounds = 25;
constexpr int kStretches = 6;  // of a round, beside each far side
constexpr int kUnmeasured = 2;  // the first of them
constexpr int kSpans = 20'000;  // in a stretch: 0.1 s, in which every far side fails once or more
constexpr auto kPace = 5us;  // from one span to the next

constexpr std::array kParts = {0.5, 0.99, 0.999};

class Quantiles {
 public:
  void add_stretch(std::vector<std::uint64_t>& times) {
    std::sort(times.begin(), times.end());
    for (std::size_t part = 0; part < kParts.size(); ++part) of_stretches_[part].push_back(at(times, kParts[part]));
  }

  double of_quietest_tenth(std::size_t part) {
    std::vector<double>& all = of_stretches_[part];
    std::sort(all.begin(), all.end());
    const auto count = static_cast<std::ptrdiff_t>(all.size() / 10);
    return std::accumulate(all.begin(), all.begin() + count, 0.0) / static_cast<double>(count);
  }

 private:
  // The counter moves in steps of several ticks: within a step the part is told by how many spans it has.
  static double at(const std::vector<std::uint64_t>& times, double part) {
    const auto place = times.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(times.size()));
    const auto [first, last] = std::equal_range(times.begin(), times.end(), *place);
    const auto step = static_cast<double>(last == times.end() ? 0 : *last - *first);
    return static_cast<double>(*place) + step * static_cast<double>(place - first) / static_cast<double>(last - first);
  }

  std::array<std::vector<double>, kParts.size()> of_stretches_;
};

jtrace::Tracer make_tracer(const std::string& endpoint) {
  auto made = jtrace::make_tracer({.service_name = "bench",
                                   .endpoint = endpoint,
                                   .flush_interval = 20ms,
                                   .connect_timeout = 40ms,
                                   .request_timeout = 40ms,
                                   .retry = {.initial = 10ms, .max = 30ms},
                                   .max_pending_bytes = 4 << 20});
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message().c_str());
    std::exit(1);
  }
  return *made;
}

std::uint64_t ticks_of_pace() {
  const auto start = std::chrono::steady_clock::now();
  const std::uint64_t ticks = read_ticks();
  while (std::chrono::steady_clock::now() - start < 20ms) {
  }
  return (read_ticks() - ticks) / (20ms / kPace);
}

void finish_spans(const jtrace::Tracer& tracer, std::uint64_t pace, std::vector<std::uint64_t>& times) {
  std::uint64_t next = read_ticks();
  for (std::uint64_t& time : times) {
    while (read_ticks() < next) {
    }
    next += pace;
    jtrace::Span span = tracer.start_span("get_user");
    span.set_tag("http.method", "GET");
    span.set_tag("http.status_code", 200);
    const std::uint64_t before = read_ticks();
    span.finish();
    time = read_ticks() - before;
  }
}

void measure(const std::string& endpoint, std::uint64_t pace, Quantiles& quantiles) {
  const jtrace::Tracer tracer = make_tracer(endpoint);
  tracer.start_span("first").finish();
  while (!pin_thread_named("jtrace", Core::reporters)) sleep_microseconds(100);  // it names itself
  std::vector<std::uint64_t> times(kSpans);
  for (int stretch = 0; stretch < kStretches; ++stretch) {
    finish_spans(tracer, pace, times);
    if (stretch >= kUnmeasured) quantiles.add_stretch(times);
  }
  tracer.close(0s);
}

void run() {
  pin_this_thread(Core::reporters);  // and with it the threads of the servers
  const support::HttpServer well;
  const support::FailingFarSides sides;
  pin_this_thread(Core::callers);
  jtrace::set_log_level(jtrace::LogLevel::off);
  const std::uint64_t pace = ticks_of_pace();
  Quantiles idle;
  std::vector<Quantiles> failing(sides.size());
  for (int round = 0; round < kRounds; ++round) {
    measure(well.endpoint(), pace, idle);
    std::size_t number = 0;
    for (const auto& side : sides) measure(side.endpoint, pace, failing[number++]);
  }
  constexpr const char* kNames[] = {"p50", "p99", "p999"};
  for (std::size_t part = 0; part < kParts.size(); ++part) {
    double worst = 0;
    for (Quantiles& side : failing) worst = std::max(worst, side.of_quietest_tenth(part));
    std::printf("idle_%s\t%.0f\nworst_%s\t%.0f\n", kNames[part], idle.of_quietest_tenth(part), kNames[part], worst);
  }
}

}  // namespace
}  // namespace bench

int main() {
  bench::run();
  std::fflush(stdout);
  std::quick_exit(0);
}
