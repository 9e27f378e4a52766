// What a user may say on the command line, parsed into values that cannot be wrong.
//
// `parse_options` is the only reader of the arguments; `main` calls it once and hands the result on.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "faults.h"

namespace jtrace::collector {

enum class Colour { kAuto, kAlways, kNever };

struct Options {
  std::string host = "127.0.0.1";
  int port = 14268;        // 0: a free one
  int query_port = 16686;  // 0: a free one
  // Ports that other programs may have taken: without one that was asked for by its number the collector goes on.
  struct Extra {
    int port = 0;             // 0: a free one
    bool is_wanted = true;    // false: none
    bool is_given = false;    // on the command line
  };
  Extra otlp{4318}, agent_compact{6831}, agent_binary{6832};
  std::string ports_file;  // empty: none
  std::string out_file;    // empty: none
  bool quiet = false;
  std::chrono::milliseconds quiet_period{1500};
  std::size_t max_memory = std::size_t{256} << 20;
  std::size_t max_body = std::size_t{20} << 20;
  Colour colour = Colour::kAuto;
  bool ascii = false;
  std::size_t width = 0;  // 0: the terminal's, else 100
  FaultOptions faults;
  std::string tee_url;  // empty: none
};

// Either options, or a text to print and the code to exit with: 0 for help and version, 2 for a mistake.
struct ParsedOptions {
  std::optional<Options> options;
  std::string text;
  int exit_code = 0;
};

ParsedOptions parse_options(int argc, const char* const* argv);

// A port, 0 to 65535.
std::optional<int> parse_port(const std::string& text);

}  // namespace jtrace::collector
