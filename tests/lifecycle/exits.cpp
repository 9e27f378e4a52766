// How a traced program may end, and when its last spans may be finished.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "scenarios.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;

void trace(int count = 3) {
  for (int i = 0; i < count; ++i) jtrace::start_span("span " + std::to_string(i)).finish();
}

int returns_from_main() {
  auto outer = jtrace::start_active_span("outer");
  trace();
  return 0;
}

int calls_exit() {
  trace();
  exit(0);
}

int calls_quick_exit() {
  trace();
  quick_exit(0);
}

// Its server answers once; the polls that follow, a millisecond later, it leaves open.
void wait_for_the_second_poll() {
  while (jtrace::tracer().stats().sampler_updates.ok == 0) std::this_thread::yield();
  for (const auto end = std::chrono::steady_clock::now() + 50ms; std::chrono::steady_clock::now() < end;) std::this_thread::yield();
}

int exits_while_its_sampler_asks() {
  trace();
  wait_for_the_second_poll();
  exit(0);
}

int exits_quickly_while_its_sampler_asks() {
  trace();
  wait_for_the_second_poll();
  quick_exit(0);
}

[[noreturn]] void wait_for_ever() {
  for (;;) pause();
}

int exits_from_another_thread() {
  trace(2);
  std::thread other([] {
    trace(1);
    exit(0);
  });
  wait_for_ever();
}

int returns_while_threads_trace() {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  for (int i = 0; i < 4; ++i) {
    std::thread([&] {
      trace(100);
      {
        const std::lock_guard lock(mutex);
        ++running;
        changed.notify_one();
      }
      for (;;) trace(1);
    }).detach();
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return running == 4; });
  jtrace::start_span("main's last").finish();
  exit(0);  // while the others go on; what they hold stays alive
}

int never_traces() {
  return 0;
}

int starts_only_unsampled() {
  trace();
  return 0;
}

// A span that is still open when main returns is not finished, and not sent.
int leaves_a_span_open() {
  static jtrace::Span open = jtrace::start_span("never finished");
  trace();
  static const auto* leaked = new jtrace::Span(jtrace::start_span("leaked"));
  report("leaked", leaked->is_recording());
  return 0;
}

// Constructed before the library's first use, so that its destructor runs after the library's exit flush.
struct LateWitness {
  jtrace::Span held;
  bool armed = false;
  ~LateWitness() {
    if (!armed) return;
    held.set_tag("late", true).log("late");
    held.finish();
    auto fresh = jtrace::start_active_span("started too late");
    fresh->set_tag("a", 1);
    fresh.close();
    jtrace::tracer().flush(200ms);
    report("witness", "seen");
    report(jtrace::tracer().stats());
  }
} late_witness;

int finishes_in_static_destructors() {
  late_witness.armed = true;
  late_witness.held = jtrace::start_span("finished too late");
  trace();
  return 0;
}

// Constructed after the library's first use: its destructor runs before the exit flush.
int finishes_in_an_early_static_destructor() {
  late_witness.armed = true;
  trace();
  static struct Early {
    jtrace::Span held = jtrace::start_span("in time");
    ~Early() { held.finish(); }
  } early;
  return 0;
}

int finishes_in_an_exit_handler() {
  late_witness.armed = true;
  trace();
  std::atexit([] { jtrace::start_span("in a handler").finish(); });
  return 0;
}

struct ThreadWitness {
  jtrace::Span held;
  ~ThreadWitness() {
    if (!held.context().is_valid()) return;
    held.finish();
    jtrace::start_span("started in a thread's end").finish();
  }
};

int finishes_in_thread_local_destructors() {
  for (int i = 0; i < 50; ++i) {
    std::thread([] {
      thread_local ThreadWitness witness;
      witness.held = jtrace::start_span("held by a thread");
      auto active = jtrace::start_active_span("active");
    }).join();
  }
  jtrace::tracer().flush(20s);
  report(jtrace::tracer().stats());
  return 0;
}

int finishes_in_the_main_threads_destructors() {
  late_witness.armed = true;
  thread_local ThreadWitness witness;
  witness.held = jtrace::start_span("held by main");
  return 0;
}

pthread_key_t last_key;
void key_destructor(void* round) {
  jtrace::start_span("in a key's destructor").finish();
  // Come back as often as pthread allows, so that at least one round is after the library's own key.
  const auto next = reinterpret_cast<std::intptr_t>(round) + 1;
  if (next <= PTHREAD_DESTRUCTOR_ITERATIONS) pthread_setspecific(last_key, reinterpret_cast<void*>(next));
}

int finishes_in_key_destructors() {
  pthread_key_create(&last_key, key_destructor);
  for (int i = 0; i < 50; ++i) {
    std::thread([] {
      pthread_setspecific(last_key, reinterpret_cast<void*>(1));
      jtrace::start_span("in the thread").finish();
    }).join();
  }
  jtrace::tracer().flush(20s);
  report(jtrace::tracer().stats());
  return 0;
}

int finishes_after_close() {
  auto open = jtrace::start_active_span("open while closing");
  trace();
  report("closed in time", jtrace::tracer().close(20s));
  open->set_tag("late", 1);
  open.close();
  auto later = jtrace::start_span("later");
  report("later is inert", !later.context().is_valid());
  later.finish();
  report("second close", jtrace::tracer().close(20s));
  report("flush after close", jtrace::tracer().flush(20s));
  report(jtrace::tracer().stats());
  return 0;
}

// Registered before the library's own handler, so that it runs after the flush.
int finishes_in_an_exit_handler_older_than_the_library() {
  std::atexit([] {
    jtrace::start_active_span("too late").close();
    report("flushed", jtrace::tracer().flush(200ms));
    report(jtrace::tracer().stats());
  });
  trace();
  return 0;
}

int is_terminated() {
  trace();
  jtrace::tracer().flush(20s);
  std::thread([] {
    for (;;) trace(1);
  }).detach();
  auto active = jtrace::start_active_span("open");
  std::terminate();
}

// An exception that nobody catches, through open spans; what was finished is sent by the handler that the program has set.
int is_terminated_with_a_handler_that_flushes() {
  std::set_terminate([] {
    report("flushed", jtrace::tracer().flush(20s));
    report(jtrace::tracer().stats());
    std::abort();
  });
  trace();
  std::thread([] {
    auto active = jtrace::start_active_span("open");
    throw std::runtime_error("nobody catches this");
  }).join();
  return 0;
}

// The collector closes its end in the middle of things; a write to it would raise SIGPIPE.
int survives_a_collector_that_goes() {
  signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 30; ++i) {
    for (int n = 0; n < 2000; ++n) {
      jtrace::start_span("x", {.tags = {{"text", "some text that makes the body longer than one packet"}}})
          .finish();
    }
    jtrace::tracer().flush(20s);
  }
  report(jtrace::tracer().stats());
  return 0;
}

int traces_and_closes() {
  trace();
  report("closed in time", jtrace::tracer().close(20s));
  report(jtrace::tracer().stats());
  return 0;
}

// Fails in many ways and many times, to see what it has to say.
int fails_often() {
  for (int i = 0; i < 5; ++i) {
    trace();
    jtrace::tracer().flush(20s);
  }
  return 0;
}

// A line about a failure is written by the reporter's own thread, which cannot wait for itself.
int flushes_from_the_log_sink() {
  static std::atomic<int> waited{-1};
  jtrace::set_log_sink([](void*, jtrace::LogLevel, std::string_view) noexcept {
    const auto start = std::chrono::steady_clock::now();
    report("sink's flush", jtrace::tracer().flush(20s));
    report("sink's close", jtrace::tracer().close(20s));
    waited = std::chrono::steady_clock::now() - start > 10s;
  });
  trace();
  report("flushed", jtrace::tracer().flush(20s));
  jtrace::set_log_sink(nullptr);
  report("waited", waited);
  return 0;
}

int exits_with_a_short_deadline() {
  auto made = jtrace::init({.exit_flush_timeout = 300ms});
  report("configured", made.has_value());
  trace();
  return 0;
}

int exits_quickly_with_a_short_deadline() {
  auto made = jtrace::init({.exit_flush_timeout = 300ms});
  trace();
  quick_exit(0);
}

std::chrono::steady_clock::time_point exit_began;

// How long the exit flush takes, seen from a handler that is older than the library and so runs after it.
int measures_its_exit_flush() {
  std::atexit([] {
    const auto took = std::chrono::steady_clock::now() - exit_began;
    report("exit flush us", std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    report(jtrace::tracer().stats());
  });
  auto made = jtrace::init({.exit_flush_timeout = 300ms, .retry = {.initial = 1ms, .max = 20ms}});
  report("configured", made.has_value());
  const std::string text(8000, 'x');
  for (int i = 0; i < 100; ++i) jtrace::start_span("x").set_tag("text", text).finish();
  exit_began = std::chrono::steady_clock::now();
  exit(0);
}

}  // namespace

const Named exits[] = {
    {"returns from main", returns_from_main},
    {"calls exit", calls_exit},
    {"calls quick_exit", calls_quick_exit},
    {"exits while its sampler asks", exits_while_its_sampler_asks},
    {"exits quickly while its sampler asks", exits_quickly_while_its_sampler_asks},
    {"exits from another thread", exits_from_another_thread},
    {"returns while threads trace", returns_while_threads_trace},
    {"never traces", never_traces},
    {"starts only unsampled", starts_only_unsampled},
    {"leaves a span open", leaves_a_span_open},
    {"finishes in static destructors", finishes_in_static_destructors},
    {"finishes in an early static destructor", finishes_in_an_early_static_destructor},
    {"finishes in an exit handler", finishes_in_an_exit_handler},
    {"finishes in an exit handler older than the library", finishes_in_an_exit_handler_older_than_the_library},
    {"is terminated", is_terminated},
    {"is terminated, with a handler that flushes", is_terminated_with_a_handler_that_flushes},
    {"finishes in thread_local destructors", finishes_in_thread_local_destructors},
    {"finishes in the main thread's destructors", finishes_in_the_main_threads_destructors},
    {"finishes in key destructors", finishes_in_key_destructors},
    {"finishes after close", finishes_after_close},
    {"survives a collector that goes", survives_a_collector_that_goes},
    {"traces and closes", traces_and_closes},
    {"fails often", fails_often},
    {"flushes from the log sink", flushes_from_the_log_sink},
    {"exits with a short deadline", exits_with_a_short_deadline},
    {"measures its exit flush", measures_its_exit_flush},
    {"exits quickly with a short deadline", exits_quickly_with_a_short_deadline},
    {},
};

}  // namespace scenarios
