// The library's voice: a few lines about itself, to stderr by spdlog unless an own sink is set. Nothing ever goes to
// stdout, and no span's content is logged. The level comes from JTRACE_LOG_LEVEL (debug, info, warn, error, off;
// default warn). Of each kind of trouble the first is a line, then at most one a minute.
#pragma once

#include <cstdint>
#include <string_view>

#include "jtrace/detail/export.h"

namespace jtrace::inline v1 {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };

// Receives each line instead of stderr; `state` is handed back. Called on any thread, by one at a time; it must not
// wait for jtrace. nullptr brings stderr back. When the call returns, the sink before it is no longer in use.
using LogSink = void (*)(void* state, LogLevel level, std::string_view line) noexcept;
JTRACE_API void set_log_sink(LogSink sink, void* state = nullptr) noexcept;

// Overrides JTRACE_LOG_LEVEL.
JTRACE_API void set_log_level(LogLevel level) noexcept;
JTRACE_API LogLevel log_level() noexcept;

namespace detail {
// A line of the library's, for the libraries that come with it.
JTRACE_API void log_line(LogLevel level, std::string_view line) noexcept;
}  // namespace detail

}  // namespace jtrace::inline v1
