// The collector put together: the store in the middle, a server on each side, and the loop that prints.
//
// `main` makes one and runs it. The loop sleeps until spans arrive, a trace has been quiet long enough, or a signal
// asks for the end; then it prints what is left, writes the file and returns.
#pragma once

#include <memory>

#include "options.h"

namespace jtrace::collector {

// Runs until SIGINT, SIGTERM or SIGHUP. Returns the exit code; complains on stderr.
int run_collector(const Options& options);

}  // namespace jtrace::collector
