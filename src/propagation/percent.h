// Percent-encoding, and the alphabets of headers (RFC 9110).
#pragma once

#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

// All but letters, digits and -_.~ becomes %XX.
std::string encode_percent(std::string_view text);
// A key as part of a header's name: all but what is allowed there becomes %XX.
std::string encode_key(std::string_view key);
// A value as readable as a header allows: all but printing ASCII, and '%', becomes %XX; so does a blank at either end.
std::string encode_plainly(std::string_view text);

enum class Plus { is_blank, is_plus };
// What is no code stays as it is.
std::string decode_percent(std::string_view text, Plus plus);
// The same in place, into a buffer at least as long as the text; its size.
std::size_t decode_percent(std::string_view text, Plus plus, char* to) noexcept;

bool is_token_mark(char c) noexcept;  // allowed in a token beside letters and digits
bool is_token(std::string_view text) noexcept;
std::string to_lower(std::string_view text);

// Without blanks and tabs around it, the only ones that HTTP allows there.
std::string_view trim_header(std::string_view text) noexcept;

}  // namespace jtrace::inline v1::detail
