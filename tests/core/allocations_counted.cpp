#include <curl/curl.h>
#include <errno.h>
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

// Of reporters: one in so many, by the number of the request and the seed.
constinit std::atomic<unsigned> one_in{0};
constinit std::atomic<std::uint64_t> seed{0}, number{0};
// Of this thread.
constinit thread_local std::uint64_t asked_here = 0, first_refused = 0, last_refused = 0;
constinit std::atomic<std::uint64_t> all_refused{0};

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

bool is_refused_here() { return last_refused != 0 && ++asked_here >= first_refused && asked_here <= last_refused; }

bool is_refused_by_chance() {
  const unsigned chance = one_in.load(std::memory_order_relaxed);
  if (chance == 0) return false;
  const std::uint64_t turn = number.fetch_add(1, std::memory_order_relaxed) + 1;
  return mixed(seed.load(std::memory_order_relaxed) + turn * 0x9e3779b97f4a7c15U) % chance == 0;
}

// Is the request granted?
bool count() {
  ++of_this_thread;
  const bool by_reporter = (one_in.load(std::memory_order_relaxed) != 0 || !is_for_curl) && is_reporter();
  if (by_reporter && !is_for_curl) of_reporters.fetch_add(1, std::memory_order_relaxed);
  if (!is_refused_here() && !(by_reporter && is_refused_by_chance())) return true;
  all_refused.fetch_add(1, std::memory_order_relaxed);
  errno = ENOMEM;
  return false;
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
  return allocations::count() ? __libc_malloc(size) : nullptr;
}
void* calloc(std::size_t count, std::size_t size) {
  return allocations::count() ? __libc_calloc(count, size) : nullptr;
}
void* realloc(void* before, std::size_t size) {
  return allocations::count() ? __libc_realloc(before, size) : nullptr;
}
void* memalign(std::size_t alignment, std::size_t size) {
  return allocations::count() ? __libc_memalign(alignment, size) : nullptr;
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

void refuse_reporters(unsigned chance, std::uint64_t by) {
  seed.store(by, std::memory_order_relaxed);
  number.store(0, std::memory_order_relaxed);
  one_in.store(chance, std::memory_order_relaxed);
}
void refuse_here(std::uint64_t first, std::uint64_t last) {
  asked_here = 0;
  first_refused = first;
  last_refused = last;
}
std::uint64_t refused() { return all_refused.load(std::memory_order_relaxed); }

void set_curl_apart() {
  curl_global_init_mem(
      CURL_GLOBAL_DEFAULT, [](std::size_t size) { return for_curl([=] { return std::malloc(size); }); }, std::free,
      [](void* before, std::size_t size) { return for_curl([=] { return std::realloc(before, size); }); },
      [](const char* text) { return for_curl([=] { return strdup(text); }); },
      [](std::size_t number, std::size_t size) { return for_curl([=] { return std::calloc(number, size); }); });
}

}  // namespace allocations
