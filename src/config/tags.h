// JAEGER_TAGS: "key=value,key2=${VARIABLE:default}", the process tags from the environment. A value may contain '='; blanks
// around keys and values do not count; a variable that is not set gives its default.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kTagsAllowed = "key=value,key2=value2 (a value may be ${VARIABLE:default})";

std::optional<std::vector<ProcessTag>> parse_tags(std::string_view text);

}  // namespace jtrace::inline v1::detail
