// Percent-encoding, as far as the values of variables use it.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

// "a%20b" → "a b"; a '%' that two hexadecimal digits do not follow stands for itself. Throws std::bad_alloc.
std::string percent_decoded(std::string_view text);

}  // namespace jtrace::inline v1::detail
