// Environment variables for the length of a block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace support {

// Sets a variable, or unsets it, and puts back what was there before.
class Environment {
 public:
  Environment(const char* name, const char* value);
  Environment(const char* name, std::nullopt_t);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

// Does a variable of this name steer tracing or its way to the collector? The tests' own, JTRACE_TEST_…, do
// not.
bool steers_tracing(std::string_view name);

// Unsets all that do.
void forget_tracing_variables();

// The environment as "NAME=value", without those.
std::vector<std::string> neutral_environment();

}  // namespace support
