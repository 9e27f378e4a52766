// --explain-config: what a service that is started here would be configured with, and who said it.
#pragma once

#include "exit_code.h"
#include "options.h"

namespace jtrace_send {

// Prints it to stdout, as a table or, with --json, as one JSON object; or to stderr what is wrong. Options count as code.
ExitCode explain_config(const Options& options);

}  // namespace jtrace_send
