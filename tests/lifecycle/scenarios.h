// The programs whose whole lives the lifecycle tests watch, in one executable: its first argument names the
// scenario.
//
// A scenario uses the library as any program would, and reports what it saw on descriptor 3, line by line, as
// key=value. What the library itself may say goes to stdout and stderr, where the tests look as well.
#pragma once

#include <string>
#include <string_view>

#include "jtrace/jtrace.h"

namespace scenarios {

using Scenario = int (*)();
struct Named {
  std::string_view name;
  Scenario run;
};

// Each file of scenarios has one list, which ends with an empty name.
extern const Named exits[];
extern const Named forks[];
extern const Named guests[];
extern const Named many_threads[];
extern const Named environments[];

void report(std::string_view key, std::string_view value);
void report(std::string_view key, long long value);
// Every counter, and whether they close.
void report(const jtrace::Stats& stats);

}  // namespace scenarios
