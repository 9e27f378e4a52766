// Runs one scenario of the program beside these tests, against a collector of the test's own.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/process.h"

namespace lifecycle {

inline support::Outcome run(const std::string& scenario, const support::Variables& variables = {},
                            std::chrono::milliseconds at_most = support::Process::kPatience) {
  const char* program = getenv("JTRACE_TEST_PROGRAM");
  if (!program)
    throw std::runtime_error("JTRACE_TEST_PROGRAM does not name the program; run by `meson test`");
  return support::run({program, scenario}, variables, at_most);
}

// With JAEGER_ENDPOINT set to a collector.
inline support::Outcome run_to(const std::string& endpoint, const std::string& scenario,
                               support::Variables variables = {},
                               std::chrono::milliseconds at_most = support::Process::kPatience) {
  variables.emplace("JAEGER_ENDPOINT", endpoint);
  return run(scenario, variables, at_most);
}

}  // namespace lifecycle
