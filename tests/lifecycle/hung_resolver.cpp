// A program whose resolver never answers: getaddrinfo is this one, for libcurl as well. Its argument says how it waits: flush, close
// or exit. It reports how long that took, on descriptor 3.
#include <netdb.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "jtrace/jtrace.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kDeadline = 300ms;
std::atomic<bool> is_asked{false};
Clock::time_point exit_began;

void report(const char* key, long long value) {
  char line[64];
  const int size = std::snprintf(line, sizeof line, "%s=%lld\n", key, value);
  if (write(3, line, static_cast<std::size_t>(size)) < 0) std::perror("report");
}

void report_since(Clock::time_point start) {
  report("us", std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
  const jtrace::Stats stats = jtrace::tracer().stats();
  report("balanced", stats.is_balanced());
  report("queued", static_cast<long long>(stats.queued));
  report("asked", is_asked);
}

// The first attempt is made by the timer, so that whoever waits finds the worker at it.
void trace_until_asked() {
  for (int i = 0; i < 100; ++i) jtrace::start_span("x").finish();
  while (!is_asked) std::this_thread::yield();
}

}  // namespace

extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  is_asked = true;
  for (;;) pause();
}

int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  if (way == "exit") std::atexit([] { report_since(exit_began); });  // older than the library's own, so that it runs after it
  auto made = jtrace::init({.endpoint = "http://collector.invalid:14268/api/traces", .flush_interval = 1ms, .exit_flush_timeout = kDeadline});
  if (!made.has_value()) return 2;
  trace_until_asked();
  const auto start = Clock::now();
  if (way == "flush") {
    made->flush(kDeadline);
    report_since(start);
    _exit(0);
  }
  if (way == "close") {
    made->close(kDeadline);
    report_since(start);
    _exit(0);
  }
  exit_began = start;
  return 0;
}
