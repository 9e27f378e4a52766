// Small pieces of JSON, shared by the two writers.
//
// Bytes that are not UTF-8 become U+FFFD, one for each, so that the result is always JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace::collector {

// The text as a JSON string, with its quotes.
std::string json_string(std::string_view text);

// The shortest number that reads back the same; what JSON cannot say ("NaN", "Infinity") as a string.
std::string json_double(double number);

// Standard base64 with padding, without quotes.
std::string base64(std::string_view bytes);

}  // namespace jtrace::collector
