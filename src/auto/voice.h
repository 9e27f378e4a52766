// say(): a line of automatic tracing in the library's own log (jtrace/log.h), with its name in front, so that a reader knows
// which of the two speaks.
#pragma once

#include <string>
#include <string_view>

#include "jtrace/log.h"

namespace jtrace::automatic {

inline void say(LogLevel level, std::string_view line) {
  if (level >= log_level()) detail::log_line(level, "jtrace-auto: " + std::string(line));
}

}  // namespace jtrace::automatic
