// Extra headers of each POST: "name=value,name2=value2" from the environment, pairs from code. What would break a request
// in two, or contradict what jtrace sends itself, is none.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

// Null if it may be sent, else what is allowed.
const char* why_no_header(std::string_view name, std::string_view value) noexcept;

bool is_same_header(std::string_view name, std::string_view other) noexcept;
// In the place of one with the same name.
void set_header(std::vector<Header>& headers, std::string_view name, std::string_view value);

// Adds those in the text. Null if all of them may be sent, else what is allowed. A value may contain '=', not ','.
const char* add_headers(std::vector<Header>& headers, std::string_view text);

}  // namespace jtrace::inline v1::detail
