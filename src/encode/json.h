// The words of JSON, put behind a text. Used by the formats that are JSON: a reporter's file, OTLP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace::inline v1::detail::json {

// In quotes; the text is valid UTF-8.
void put_text(std::string& to, std::string_view text);
// The shortest that gives the same number again. NaN and infinities, which JSON has no word for, are the texts "NaN", "Infinity"
// and "-Infinity", as in protobuf's JSON.
void put_number(std::string& to, double number);
void put_number(std::string& to, std::int64_t number);
void put_number(std::string& to, std::uint64_t number);
// As base64, in quotes.
void put_bytes(std::string& to, std::string_view bytes);
// Sixteen digits, without quotes.
void put_hex(std::string& to, std::uint64_t word);

}  // namespace jtrace::inline v1::detail::json
