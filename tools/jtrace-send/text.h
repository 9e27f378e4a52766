// Text helpers: what jtrace-send prints, made safe and readable. Numbers get separators and words their
// plural; secrets in URLs are masked, and what a foreign server said is cut to one harmless line. Pure
// functions all.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace_send {

// "1,234,567"
std::string with_separators(std::uint64_t number);
// "1 trace", "2 traces", "1,000 spans"
std::string count_of(std::uint64_t number, std::string_view singular);
// "850 µs", "12 ms", "3.4 s", "2 min 5 s"
std::string readable(std::chrono::nanoseconds duration);

// The first line, at most `limit` bytes of it, without control characters (each becomes '?').
std::string one_line(std::string_view foreign, std::size_t limit = 200);

// Two sentences, either of which may be empty.
std::string sentences(std::string first, std::string_view second);

// `***` in the place of user and password, `?…` in the place of a query, which may hold a token.
std::string masked(std::string_view url);

}  // namespace jtrace_send
