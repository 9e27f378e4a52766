// Runs one scenario of the program that is built beside these tests, against a collector of the test's own.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "support/process.h"

namespace lifecycle {

inline support::Outcome run(const std::string& scenario, const support::Variables& variables = {},
                            std::chrono::milliseconds at_most = support::Process::kPatience) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lifecycle-program";
  return support::run({program.string(), scenario}, variables, at_most);
}

// With JAEGER_ENDPOINT set to a collector.
inline support::Outcome run_to(const std::string& endpoint, const std::string& scenario,
                               support::Variables variables = {},
                               std::chrono::milliseconds at_most = support::Process::kPatience) {
  variables.emplace("JAEGER_ENDPOINT", endpoint);
  return run(scenario, variables, at_most);
}

}  // namespace lifecycle
