// Tags of the command line: "key=value", with a type where one is wanted: key:int=5, key:double=0.5, key:bool=true.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace jtrace_send {

using TagValue = std::variant<std::string, std::int64_t, double, bool>;
using Tags = std::vector<std::pair<std::string, TagValue>>;

// "a=1,b:int=2" → a="1", b=2. A part without an equals sign belongs to the value before it ("list=1,2"), and `\,` is always
// a comma. Nothing where a key is missing, or a value is not of its type.
std::optional<Tags> parse_tags(std::string_view text);

}  // namespace jtrace_send
