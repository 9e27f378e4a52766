// A program that leaves everything to its environment.
#include <chrono>
#include <string>
#include <thread>

#include "scenarios.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;

int traces_by_environment() {
  auto span = jtrace::start_active_span("it");
  int calls = 0;
  span->set_tag("lazy", [&] { return ++calls; });
  report("enabled", jtrace::tracer().enabled());
  report("valid", span->context().is_valid());
  report("sampled", span->is_sampled());
  report("lazy calls", calls);
  report("128 bits", span->context().trace_id().high != 0);
  span.close();
  report("flushed", jtrace::tracer().flush(20s));
  report(jtrace::tracer().stats());
  return 0;
}

// The first use is by several threads at once; the message about a bad value is still one.
int first_use_by_many_threads() {
  std::thread threads[8];
  for (std::thread& thread : threads) {
    thread = std::thread([] {
      for (int i = 0; i < 100; ++i) auto span = jtrace::start_active_span("it");
    });
  }
  for (std::thread& thread : threads) thread.join();
  jtrace::tracer().flush(20s);
  report("enabled", jtrace::tracer().enabled());
  report(jtrace::tracer().stats());
  return 0;
}

int init_in_code_before_use() {
  const jtrace::Tracer copy = jtrace::tracer();
  auto made = jtrace::init({.service_name = "from code"});
  report("made", made.has_value());
  copy.start_span("it").finish();
  report("flushed", copy.flush(20s));
  return 0;
}

int init_in_code_after_a_bad_environment() {
  report("enabled before", jtrace::tracer().enabled());
  auto made = jtrace::init({.endpoint = "http://127.0.0.1:1", .flush_interval = 1s});
  report("made", made.has_value());
  if (!made) report("error", made.error().message());
  return 0;
}

}  // namespace

const Named environments[] = {
    {"traces by environment", traces_by_environment},
    {"first use by many threads", first_use_by_many_threads},
    {"init in code before use", init_in_code_before_use},
    {"init in code after a bad environment", init_in_code_after_a_bad_environment},
    {},
};

}  // namespace scenarios
