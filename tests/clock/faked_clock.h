// A machine whose clocks do what a test tells them: ticks, CLOCK_REALTIME and CLOCK_MONOTONIC, for a clock.cpp that is
// compiled with this in place of the system's. They may run apart, be slewed, be set, stand still, jump, or fail.
#pragma once

#include <time.h>

#include <cstdint>

namespace faked {

struct Machine {
  double hertz = 2.1e9;
  double elapsed = 0;                  // true nanoseconds
  double ticks = 1e12;
  double wall = 1.6e18, monotonic = 1e12;
  double slew = 0;                     // of wall and monotonic, as a part
  bool fails = false;                  // clock_gettime gives an error and says nothing

  void pass(double nanoseconds) {
    elapsed += nanoseconds;
    ticks += nanoseconds * hertz / 1e9;
    wall += nanoseconds * (1 + slew);
    monotonic += nanoseconds * (1 + slew);
  }
};

extern Machine machine;

}  // namespace faked
