// ExitCode: what jtrace-send tells the shell that called it. The numbers are a promise: scripts test for
// them, --help and docs/jtrace-send.md list them, and later subcommands will use the same ones.
#pragma once

namespace jtrace_send {

enum ExitCode : int {
  kDelivered = 0,     // everything was acknowledged, and seen where --verify asked for that
  kUnexpected = 1,    // a loss inside this program, or a defect of it
  kUsage = 2,         // a wrong option, or no endpoint
  kNotReachable = 3,  // nobody answered in HTTP
  kRefused = 4,       // somebody answered, but not as a collector that takes the batch
  kNotVisible = 5,    // delivered, but the query API does not show it
};

}  // namespace jtrace_send
