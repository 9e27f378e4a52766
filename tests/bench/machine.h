// The machine under a benchmark: two cores, one for the callers and one for the reporter, and what a thread's work costs.
//
// A figure of the caller's path is the time that its thread had a core, so that whoever else uses the machine is left
// out of it. On a machine with one core both names mean the same.
#pragma once

#include <string_view>

namespace bench {

enum class Core { callers, reporters };

// Pins the calling thread, and what it starts from now on.
void pin_this_thread(Core core);
// Pins a thread of this process by its name; false if there is none.
bool pin_thread_named(std::string_view name, Core core);
// Lifts the pin of the calling thread.
void unpin_this_thread();

// The time that the calling thread had a core so far, in nanoseconds.
double thread_nanoseconds();
// The monotonic clock, in nanoseconds.
double wall_nanoseconds();

void sleep_microseconds(int time);

// The thread's nanoseconds for one call of a function that takes and gives an int.
template <class F>
double cost_of_one(F function) {
  constexpr int kCalls = 200'000;
  const double before = thread_nanoseconds();
  for (int i = 0; i < kCalls; ++i) {
    const int result = function(i);
    asm volatile("" : : "r"(result));
  }
  return (thread_nanoseconds() - before) / kCalls;
}

}  // namespace bench
