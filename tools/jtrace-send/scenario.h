// Scenario: the trace that jtrace-send emits, as a table that the emitting and the verifying side share: the
// tutorial's spider, which downloads a page, parses it and inserts what it found into a database. Pure
// values; which trace fails and how long its steps take depend on its number only, so every run is alike.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jtrace_send {

// A name for each place in the table.
enum Step : std::size_t { kSpider, kDownload, kParser, kInsert, kMakeSql, kToDb, kSteps };

struct StepShape {
  std::string_view name;
  Step parent;            // its own place: a root
  bool fails_with_trace;  // carries the error mark if its trace fails
};
inline constexpr std::array<StepShape, kSteps> kScenario{{
    {"spider", kSpider, true},
    {"download", kSpider, false},
    {"parser", kSpider, false},
    {"insert", kSpider, true},
    {"make_sql", kInsert, false},
    {"to_db", kInsert, true},
}};

// Spread evenly: of the first n traces, n × rate fail, rounded down.
bool is_failing(std::uint64_t trace, double error_rate) noexcept;

// When each step starts and finishes, from the start of the trace.
struct Timeline {
  struct Times {
    std::chrono::microseconds start{}, finish{};
  };
  std::array<Times, kSteps> steps{};

  std::chrono::microseconds length() const noexcept { return steps[kSpider].finish; }
};
Timeline make_timeline(std::uint64_t trace) noexcept;

}  // namespace jtrace_send
