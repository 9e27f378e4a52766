// A real Jaeger in a child process, in memory, on free loopback ports, and what its query API says.
//
// Looked for in this order: the paths that JTRACE_TEST_JAEGER names (separated by colons), the programs jaeger-all-in-one,
// all-in-one and jaeger on the PATH, and what tools/jaeger.sh has built. A name with "all-in-one" is of the first
// generation, any other of the second.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace jaeger {

std::vector<std::string> find_programs();

class Jaeger {
 public:
  // Ready when this returns; throws std::runtime_error if it does not come up.
  explicit Jaeger(const std::string& program);
  ~Jaeger();

  const std::string& program() const { return program_; }
  bool is_second_generation() const { return second_; }
  std::string endpoint() const;
  // Where it takes OTLP over HTTP.
  std::string otlp_endpoint() const;
  // Its agent's UDP ports: the second generation has them; 0: none.
  int compact_port() const { return second_ ? compact_port_ : 0; }
  int binary_port() const { return second_ ? binary_port_ : 0; }
  std::string query() const;
  // Where it is asked how to sample. Its strategies: the service `limited` may send 3 traces per second; of `shop` the operation
  // `pay` is always kept, `look` never, and others by half; all other services keep every trace.
  std::string sampling() const;

  // The trace as Jaeger's UI gets it, once it has that many spans; null if that does not come to pass.
  nlohmann::json trace(const std::string& id, std::size_t spans) const;

 private:
  std::vector<std::string> command() const;

  std::string program_;
  bool second_;
  int collector_port_, query_port_, otlp_port_, compact_port_, binary_port_, sampling_port_;
  std::string strategies_;  // a file
  std::unique_ptr<support::Process> process_;
};

}  // namespace jaeger
