// Writes a file so that nobody ever sees half of it.
//
// The content goes to a new file beside it, which then takes its name. Used for `--out` and `--ports-file`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jtrace::collector {

// Nothing when the file is there with the new content; else why not, naming the file.
[[nodiscard]] std::optional<std::string> write_file(const std::string& path, std::string_view content);

}  // namespace jtrace::collector
