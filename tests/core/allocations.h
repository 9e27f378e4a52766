// How often a thread asks for memory from the heap, and what happens when there is none: a malloc that counts, refuses what it is
// told to, and passes the rest on to the C library's.
//
// It stands in for the malloc of the whole program that it is linked to, libraries included. A sanitizer needs that place
// for itself; in its builds nothing is counted and nothing refused. All calls may be made from any thread.
#pragma once

#include <cstdint>

namespace allocations {

// False where a sanitizer owns malloc: then every count is zero and proves nothing.
bool are_counted();

// From now on libcurl's own requests are told apart from those of the thread that calls it. Before its first use.
void set_curl_apart();

// What every thread of that name has asked for so far, without libcurl's requests. The name is the one that /proc shows.
std::uint64_t by_reporters();

// What this thread has asked for so far.
std::uint64_t by_this_thread();

// While f() runs, on this thread.
template <class F>
std::uint64_t during(F&& f) {
  const std::uint64_t before = by_this_thread();
  f();
  return by_this_thread() - before;
}

// From now on one in so many requests of the reporters' threads, libcurl's included, is refused, by chances that the seed repeats;
// 0: none is.
void refuse_reporters(unsigned one_in, std::uint64_t seed = 0);

// Of this thread's next requests, counted from 1, these are refused; 0 and 0: none is.
void refuse_here(std::uint64_t first, std::uint64_t last);

// How many have been refused so far, on all threads.
std::uint64_t refused();

}  // namespace allocations
