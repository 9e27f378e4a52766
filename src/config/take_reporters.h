// What takes the values of the keys that say who gets finished spans beside the collector. Those that are objects of the program's come
// from code only.
#pragma once

#include <string_view>

#include "config/draft.h"

namespace jtrace::inline v1::detail {

const char* take_logging(Draft& draft, std::string_view text);
const char* take_file(Draft& draft, std::string_view path);
const char* take_file_format(Draft& draft, std::string_view text);

// Is it one of theirs? Then its value is an address.
bool is_object(std::string_view key) noexcept;
void take_object(Draft& draft, std::string_view key, std::string_view address);

}  // namespace jtrace::inline v1::detail
