// What does finish() cost while the collector fails in one way or another, beside a collector that answers? The caller shares no
// lock with the worker, so it should not notice: neither in the middle (p50) nor at the worst (p99, p99.9).
//
// Spans are finished at a steady pace, each timed by itself. A round measures every far side once, one after the other; of the
// rounds the best counts, which leaves out what other work on this machine did to a round.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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

constexpr int kRounds = 20;
constexpr int kSpans = 40'000;
constexpr auto kPace = 5us;  // from one span to the next

struct Quantiles {
  static constexpr double kParts[] = {0.5, 0.99, 0.999};
  std::array<double, 3> ticks{1e18, 1e18, 1e18};

  void keep_best(std::vector<std::uint64_t>& times) {
    std::sort(times.begin(), times.end());
    for (std::size_t i = 0; i < ticks.size(); ++i) ticks[i] = std::min(ticks[i], at(times, kParts[i]));
  }

 private:
  // The counter moves in steps of several ticks: within a step the part is told by how many spans it has.
  static double at(const std::vector<std::uint64_t>& times, double part) {
    const auto place = times.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(times.size()));
    const auto [first, last] = std::equal_range(times.begin(), times.end(), *place);
    const auto step = static_cast<double>(last == times.end() ? 0 : *last - *first);
    return static_cast<double>(*place) + step * static_cast<double>(place - first) / static_cast<double>(last - first);
  }
};

jtrace::Tracer make_tracer(const std::string& endpoint) {
  auto made = jtrace::make_tracer({.service_name = "bench",
                                   .endpoint = endpoint,
                                   .flush_interval = 20ms,
                                   .connect_timeout = 80ms,
                                   .request_timeout = 80ms,
                                   .retry = {.initial = 10ms, .max = 50ms},
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

void measure(const std::string& endpoint, std::uint64_t pace, Quantiles& quantiles) {
  const jtrace::Tracer tracer = make_tracer(endpoint);
  tracer.start_span("first").finish();
  while (!pin_thread_named("jtrace", Core::reporters)) sleep_microseconds(100);  // it names itself
  std::vector<std::uint64_t> times(kSpans);
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
  tracer.close(0s);
  quantiles.keep_best(times);
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
  for (std::size_t part = 0; part < idle.ticks.size(); ++part) {
    double worst = 0;
    for (const Quantiles& side : failing) worst = std::max(worst, side.ticks[part]);
    std::printf("idle_%s\t%.0f\nworst_%s\t%.0f\n", kNames[part], idle.ticks[part], kNames[part], worst);
  }
}

}  // namespace
}  // namespace bench

int main() {
  bench::run();
  std::fflush(stdout);
  std::quick_exit(0);
}
