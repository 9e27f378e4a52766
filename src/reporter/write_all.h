// Files, for reporters that write them. What goes wrong is thrown as a std::runtime_error that names the file.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

[[noreturn]] void throw_of_file(const std::string& path, const char* why);
// Makes the file if need be; `flags` and `mode` as those of open().
int open_to_write(const std::string& path, int flags, unsigned mode = 0644);
void write_all(int file, const std::string& path, std::string_view bytes);
// A file with these bytes takes the place of the plain file there, in one step; its mode is that of the former one. It is written
// beside it under a name that nobody else has, and is gone again where something fails.
void replace_file(const std::string& path, std::string_view bytes);

}  // namespace jtrace::inline v1::detail
