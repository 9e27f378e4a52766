// Numbers, times and values as people read them; shared by the terminal and the pages.
//
// The results are plain text and not escaped: who shows them makes them safe for the place they go to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model.h"

namespace jtrace::collector {

// `870 µs`, `27.4 ms`, `1.25 s`, `2m 05s`, `3h 07m`.
std::string format_duration(std::uint64_t microseconds);

// `1 span`, `3 spans`.
std::string format_count(std::size_t count, const std::string& what);

// `2020-09-13 12:26:40.000`, in local time.
std::string format_time(std::int64_t microseconds_since_epoch);

// A tag's value: text as it is, numbers in their shortest form, bytes in hex, the first 32 of them.
std::string format_value(const Value& value);

}  // namespace jtrace::collector
