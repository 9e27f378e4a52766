#include <curl/curl.h>
#include <sys/prctl.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "core/allocations.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace allocations {
namespace {

// Relaxed, all of them: numbers, read when the threads that they are about rest.
constinit std::atomic<std::uint64_t> of_reporters{0};
constinit thread_local std::uint64_t of_this_thread = 0;
constinit thread_local bool is_for_curl = false;

bool is_reporter() {
  char name[16] = {};
  return prctl(PR_GET_NAME, name) == 0 && std::strcmp(name, "jtrace") == 0;
}

void count() {
  ++of_this_thread;
  if (!is_for_curl && is_reporter()) of_reporters.fetch_add(1, std::memory_order_relaxed);
}

template <class Allocate>
auto for_curl(Allocate&& allocate) {
  is_for_curl = true;
  auto* memory = allocate();
  is_for_curl = false;
  return memory;
}

}  // namespace
}  // namespace allocations

extern "C" {
void* malloc(std::size_t size) {
  allocations::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations::count();
  return __libc_calloc(count, size);
}
void* realloc(void* before, std::size_t size) {
  allocations::count();
  return __libc_realloc(before, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  allocations::count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** to, std::size_t alignment, std::size_t size) {
  *to = memalign(alignment, size);
  return *to ? 0 : 12;
}
void free(void* memory) { __libc_free(memory); }
}

namespace allocations {

bool are_counted() { return true; }
std::uint64_t by_reporters() { return of_reporters.load(std::memory_order_relaxed); }
std::uint64_t by_this_thread() { return of_this_thread; }

void set_curl_apart() {
  curl_global_init_mem(
      CURL_GLOBAL_DEFAULT, [](std::size_t size) { return for_curl([=] { return std::malloc(size); }); }, std::free,
      [](void* before, std::size_t size) { return for_curl([=] { return std::realloc(before, size); }); },
      [](const char* text) { return for_curl([=] { return strdup(text); }); },
      [](std::size_t number, std::size_t size) { return for_curl([=] { return std::calloc(number, size); }); });
}

}  // namespace allocations
