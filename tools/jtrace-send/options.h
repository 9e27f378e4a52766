// Options: the command line of jtrace-send, parsed once into plain values. Everything after parse_options()
// can trust them: numbers are in range, tags have keys, and there is an endpoint (whose grammar the library
// judges) or an agent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reach.h"
#include "tags.h"
#include "tree.h"
#include "url.h"

namespace jtrace_send {

struct AgentAddress {
  std::string host = "localhost";
  std::optional<int> port;  // none: that of the protocol
};

struct Options {
  std::string endpoint;  // as given, secrets and all; empty: to the agent
  std::optional<AgentAddress> agent;    // none: to the endpoint
  std::optional<std::string> protocol;  // which the library judges
  std::optional<std::string>
      service;  // none: the library decides (JAEGER_SERVICE_NAME, else the program's name)
  static constexpr std::uint64_t kUnbounded = UINT64_MAX;
  std::uint64_t traces = 1;  // kUnbounded: as many as `duration` allows
  std::optional<Tree> tree;  // none: the tutorial's trace
  double rate = 0;           // traces per second; 0: as fast as the collector takes them
  std::optional<std::chrono::milliseconds> duration;
  unsigned threads = 1;
  Tags tags;
  double error_rate = 0;
  std::chrono::milliseconds timeout{10'000};
  std::optional<std::chrono::milliseconds> connect_timeout, request_timeout;  // none: `timeout`
  Reach reach;  // as options only; main() adds the environment once the library has accepted that
  std::optional<Url> ui;  // none: guessed
  bool is_verifying = false;
  std::optional<Url> verify_at;  // none: guessed
  bool is_quiet = false;
  bool is_verbose = false;
  bool is_json = false;
  bool is_explaining = false;  // then `endpoint` is empty unless it was given as an option
};

// The program ends here: help and version go to stdout with exit code 0, all else to stderr.
struct Stop {
  int exit_code;
  std::string text;
};

// What the environment says where the command line does not; null: nothing.
struct Variables {
  const char* endpoint = nullptr;    // JAEGER_ENDPOINT
  const char* agent_host = nullptr;  // JAEGER_AGENT_HOST
  const char* agent_port = nullptr;  // JAEGER_AGENT_PORT

  Variables(const char* the_endpoint) : endpoint(the_endpoint) {}
  static Variables of_environment();
};

// Never throws but std::bad_alloc.
std::variant<Options, Stop> parse_options(const std::vector<std::string>& arguments, const Variables& variables);

// Seconds, or a number with ms, s or m. From 1 ms to one day.
std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text);

}  // namespace jtrace_send
