// A program whose allocator traces: every malloc, calloc, realloc and free is a span with a tag, those that jtrace, curl and
// spdlog ask for included.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "jtrace/jtrace.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);
}

namespace {

using namespace std::chrono_literals;

// 1 while the allocator traces; plain memory, since it is read before anything else is there.
constinit std::atomic<int> is_tracing{0};
constinit std::atomic<long long> calls{0}, deepest{0};
constinit thread_local int depth = 0;

template <class F>
auto traced(const char* name, F&& f) {
  if (is_tracing.load(std::memory_order_relaxed) == 0) return f();
  calls.fetch_add(1, std::memory_order_relaxed);
  ++depth;
  if (depth > deepest.load(std::memory_order_relaxed)) deepest.store(depth, std::memory_order_relaxed);
  auto active = jtrace::start_active_span(name);
  active->set_tag("by", "the allocator");
  struct Left {
    ~Left() { --depth; }
  } left;
  return f();
}

void report(const char* key, long long value) {
  char line[100];
  const int size = std::snprintf(line, sizeof line, "%s=%lld\n", key, value);
  if (write(3, line, static_cast<std::size_t>(size)) < 0) std::perror("report");
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) {
  return traced("malloc", [=] { return __libc_malloc(size); });
}
void* calloc(std::size_t count, std::size_t size) {
  return traced("calloc", [=] { return __libc_calloc(count, size); });
}
void* realloc(void* before, std::size_t size) {
  return traced("realloc", [=] { return __libc_realloc(before, size); });
}
void free(void* memory) {
  traced("free", [=] { __libc_free(memory); });
}
}

int main() {
  is_tracing = 1;  // the library's first use is by its own allocation, or by ours
  auto configured = jtrace::init({.service_name = "allocator"});
  report("configured", configured.has_value());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 500; ++i) {
        auto active = jtrace::start_active_span("work " + std::to_string(i));
        active->set_tag("long", std::string(3000, 'x'));
        active->set_baggage_item("key", std::string(100, 'v'));
        active->set_error(std::runtime_error("a message that is too long for the place that a short one has"));
        const auto memory = std::make_unique<std::string>(100, 'x');
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  report("flushed", jtrace::tracer().flush(30s));
  is_tracing = 0;
  jtrace::tracer().flush(30s);
  const jtrace::Stats stats = jtrace::tracer().stats();
  report("calls", calls);
  report("deepest", deepest);
  report("finished", static_cast<long long>(stats.finished));
  report("acknowledged", static_cast<long long>(stats.acknowledged));
  report("reentrant", static_cast<long long>(stats.drops.reentrant));
  report("dropped", static_cast<long long>(stats.dropped()));
  report("balanced", stats.is_balanced());
  is_tracing = 1;  // also while the process ends
  return 0;
}
