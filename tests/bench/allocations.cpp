// Heap allocations per span, counted: this program brings its own malloc, which counts for each kind of thread and passes on
// to the C library's. What libcurl asks for is counted apart, by the hooks that it offers.
#include <curl/curl.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rig.h"
#include "workload.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace bench {
namespace {

constinit std::atomic<std::uint64_t> by_callers{0}, by_others{0}, by_curl{0};
constinit thread_local bool is_caller = false;
constinit thread_local bool is_curl = false;

void count() {
  std::atomic<std::uint64_t>& counter = is_caller ? by_callers : is_curl ? by_curl : by_others;
  counter.fetch_add(1, std::memory_order_relaxed);
}

// Runs what libcurl asks for, marked as libcurl's.
template <class Allocate>
auto for_curl(Allocate&& allocate) {
  is_curl = true;
  auto* memory = allocate();
  is_curl = false;
  return memory;
}

}  // namespace
}  // namespace bench

extern "C" {
void* malloc(std::size_t size) {
  bench::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  bench::count();
  return __libc_calloc(count, size);
}
void* realloc(void* before, std::size_t size) {
  bench::count();
  return __libc_realloc(before, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  bench::count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** to, std::size_t alignment, std::size_t size) {
  *to = memalign(alignment, size);
  return *to ? 0 : 12;
}
void free(void* memory) { __libc_free(memory); }
}

namespace bench {
namespace {

constexpr int kBurst = 200'000;
constexpr int kBursts = 5;

void hook_curl() {
  curl_global_init_mem(
      CURL_GLOBAL_DEFAULT, [](std::size_t size) { return for_curl([=] { return std::malloc(size); }); }, std::free,
      [](void* before, std::size_t size) { return for_curl([=] { return std::realloc(before, size); }); },
      [](const char* text) { return for_curl([=] { return strdup(text); }); },
      [](std::size_t number, std::size_t size) { return for_curl([=] { return std::calloc(number, size); }); });
}

void burst(const Rig& on) {
  is_caller = true;
  trace_calls(on.tracer(), kBurst);
  is_caller = false;
  on.drain();
}

void print(const char* name, std::uint64_t count) {
  std::printf("%s\t%.7f\n", name, static_cast<double>(count) / (double{kBurst} * kBursts));
}

}  // namespace
}  // namespace bench

int main() {
  using namespace bench;
  hook_curl();
  const Rig on;
  for (int i = 0; i < 2; ++i) burst(on);  // buffers grow to their size, pages are touched, the connection is made
  by_callers = by_others = by_curl = 0;
  for (int i = 0; i < kBursts; ++i) burst(on);
  const std::uint64_t lost = on.lost();
  // Read before the first line is printed: printing allocates, too.
  const std::uint64_t callers = by_callers, others = by_others, curl = by_curl;
  print("allocations_caller", callers);
  print("allocations_reporter", others);
  print("allocations_curl", curl);
  std::printf("allocations_lost\t%lu\n", static_cast<unsigned long>(lost));
  return 0;
}
