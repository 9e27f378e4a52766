// Quantities as people write them on a command line: sizes, periods and probabilities.
//
// Each parser takes a whole text and gives a value, or nothing for any other text. Decimal points are points under
// every locale.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace jtrace::collector {

// `256MiB`, `64 MB`, `1GiB`, `4096`; nothing for zero and for what does not fit.
std::optional<std::size_t> parse_size(const std::string& text);

// `1500ms`, `1.5s`, `2s`, `1m`; a plain number means milliseconds. At most a day.
std::optional<std::chrono::milliseconds> parse_period(const std::string& text);

// `0.1`, `1`; above 0 and at most 1.
std::optional<double> parse_probability(const std::string& text);

}  // namespace jtrace::collector
