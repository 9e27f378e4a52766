// Files, for reporters that write them. What goes wrong is thrown as a std::runtime_error that names the file.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

[[noreturn]] void throw_of_file(const std::string& path, const char* why);
// Makes the file if need be; `flags` as those of open().
int open_to_write(const std::string& path, int flags);
void write_all(int file, const std::string& path, std::string_view bytes);

}  // namespace jtrace::inline v1::detail
