// A real Jaeger in a child process, in memory, on free loopback ports, and what its query API says.
//
// Looked for in this order: the paths that JTRACE_TEST_JAEGER names (separated by colons), the programs jaeger-all-in-one,
// all-in-one, jaeger and jaeger-agent on the PATH, and what tools/jaeger.sh has built. A name with "all-in-one" is of the first
// generation, one with "agent" is the first generation's agent, any other is of the second.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace jaeger {

struct Programs {
  std::vector<std::string> jaegers;
  std::string agent;  // or empty
};
Programs find_programs();

class Jaeger {
 public:
  // Ready when this returns; throws std::runtime_error if it does not come up. The agent, if there is one, stands before a Jaeger
  // of the first generation and sends on to it; the second needs none.
  Jaeger(const std::string& program, const std::string& agent);
  ~Jaeger();

  const std::string& program() const { return program_; }
  bool is_second_generation() const { return second_; }
  std::string endpoint() const;
  // Where it takes OTLP over HTTP.
  std::string otlp_endpoint() const;
  // Are there an agent's UDP ports?
  bool has_udp() const { return second_ || agent_; }
  // One of the two is on IPv6 where this machine has it: compact Thrift with the second generation, binary with the first.
  std::string compact_host() const { return second_ ? ipv6_ : "127.0.0.1"; }
  std::string binary_host() const { return second_ ? "127.0.0.1" : ipv6_; }
  int compact_port() const { return compact_port_; }
  int binary_port() const { return binary_port_; }
  std::string query() const;
  // The port that is 5778 by default: of the second generation, and of the first one's agent, else 0.
  int sampling_port() const { return has_udp() ? sampling_port_ : 0; }
  // Where it is asked how to sample, beside that port. Its strategies: the service `limited` may send 3 traces per second; of `shop` the operation
  // `pay` is always kept, `look` never, and others by half; all other services keep every trace.
  std::string sampling() const;

  // The trace as Jaeger's UI gets it, once it has that many spans; null if that does not come to pass.
  nlohmann::json trace(const std::string& id, std::size_t spans) const;

 private:
  std::vector<std::string> command() const;
  std::vector<std::string> agent_command(const std::string& program) const;

  std::string program_;
  bool second_;
  std::string ipv6_;  // its loopback address, or IPv4's
  int collector_port_, grpc_port_, query_port_, otlp_port_, compact_port_, binary_port_, sampling_port_;
  std::string strategies_;  // a file
  std::unique_ptr<support::Process> process_, agent_;
};

}  // namespace jaeger
