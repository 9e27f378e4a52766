// What automatic tracing says of itself: by the voice of the library, jtrace/log.h.
#pragma once

#include <string>
#include <string_view>

#include "jtrace/log.h"

namespace jtrace::automatic {

inline void say(LogLevel level, std::string_view line) {
  if (level >= log_level()) detail::log_line(level, "jtrace-auto: " + std::string(line));
}

}  // namespace jtrace::automatic
