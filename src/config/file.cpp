#include "config/file.h"

#include <dlfcn.h>

#include <new>
#include <utility>

#include "config/file_reader.h"
#include "config/spellings.h"

extern "C" [[gnu::weak]] JtraceReadConfig jtrace_read_config_v1;

namespace jtrace::inline v1::detail {
namespace {

constexpr char kLibrary[] = "libjtrace-config.so.0";
constexpr char kNoLibrary[] =
    "no file can be read without the library jtrace-config: link it, or put libjtrace-config.so.0 where the loader looks";
constexpr std::size_t kMostEntries = 10'000;

JtraceReadConfig* find_reader() noexcept {
  if (jtrace_read_config_v1) return jtrace_read_config_v1;
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);  // stays: whoever configures once may do so again
  return library ? reinterpret_cast<JtraceReadConfig*>(dlsym(library, JTRACE_READ_CONFIG_SYMBOL)) : nullptr;
}

bool take_entry(void* to, const char* name, std::size_t name_size, const char* value, std::size_t value_size, int line) {
  File& file = *static_cast<File*>(to);
  try {
    if (file.entries.size() == kMostEntries) {
      file.problem = "it has more than 10000 values";
      return false;
    }
    file.entries.push_back({{}, {value, value_size}, {name, name_size}, line});
    return true;
  } catch (const std::bad_alloc&) {
    file.problem = "no memory";
    return false;
  }
}

void take_problem(void* to, const char* text, std::size_t size) {
  try {
    static_cast<File*>(to)->problem.assign(text, size);
  } catch (const std::bad_alloc&) {
    static_cast<File*>(to)->problem = "no memory";
  }
}

}  // namespace

File read_file(const std::string& path) {
  File file;
  JtraceReadConfig* read = find_reader();
  if (!read) {
    file.problem = kNoLibrary;
    return file;
  }
  const JtraceConfigSink sink{&file, take_entry, take_problem};
  read(path.c_str(), &sink);
  if (file.problem.empty()) translate(file);
  return file;
}

}  // namespace jtrace::inline v1::detail
