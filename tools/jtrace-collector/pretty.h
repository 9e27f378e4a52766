// JSON laid out for reading, for `prettyPrint=true`.
//
// Works on finished JSON text, so that the writers need not know of it.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::collector {

// The same JSON with line breaks and four blanks of indentation a level. `json` has to be JSON.
std::string indent_json(std::string_view json);

}  // namespace jtrace::collector
