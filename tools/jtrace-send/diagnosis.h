// Diagnosis: why a collector or a query API cannot be used, in words for the person at the terminal: what
// happened, and what to do about it. A plain value, without secrets.
#pragma once

#include <string>

#include "exit_code.h"

namespace jtrace_send {

struct Diagnosis {
  ExitCode exit_code = kUnexpected;
  std::string problem;  // a whole sentence
  std::string advice;   // one or more, what to do
};

}  // namespace jtrace_send
