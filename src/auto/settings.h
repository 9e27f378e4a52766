// What the environment says of automatic tracing: JTRACE_INSTRUMENT, JTRACE_INSTRUMENT_MIN, JTRACE_INSTRUMENT_DEPTH.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace jtrace::automatic {

struct Settings {
  std::string patterns;      // never empty
  std::int64_t minimum = 0;  // nanoseconds; what was shorter is left out
  std::uint32_t depth = 64;  // at most so many spans of one thread are open at once
};

// Nothing: no function is traced, since nobody asked for it or since a value is wrong, which is said. Throws std::bad_alloc.
std::optional<Settings> read_settings();

}  // namespace jtrace::automatic
