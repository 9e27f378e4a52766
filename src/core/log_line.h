// The library's own lines, beside log_line(): behind jtrace/log.h, by spdlog to stderr or to the user's sink. Never called on the path of a
// span. A kind of trouble is told once at once, then at most once a minute.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jtrace/log.h"

namespace jtrace::inline v1::detail {

// Kinds that are told rarely; the first five follow Outcome.
enum class Trouble : std::uint8_t { none, acknowledged, unreachable, timeout, rejected, server_error, aborted, no_thread, no_memory, sampling, reporter, count };

// At info, whatever the level is, but off.
void log_asked_for(std::string_view line) noexcept;
void log_rarely(Trouble kind, LogLevel level, std::string_view line) noexcept;
// Not again in this process, whoever says it.
void log_once(LogLevel level, std::string_view line) noexcept;
// With as many digits as it has, under every locale: "0.5".
std::string shown_number(double number);
// In a forked child, before its first line: forgets who held the lock.
void begin_log_in_child() noexcept;

}  // namespace jtrace::inline v1::detail
