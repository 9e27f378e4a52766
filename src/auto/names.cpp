#include "auto/names.h"

#include <cxxabi.h>
#include <link.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "auto/voice.h"
#include "jtrace/detail/function_name.h"

namespace jtrace::automatic {
namespace {

constexpr std::size_t kLongest = 4096;  // a longer name is cut before it is read

struct Place {
  std::uintptr_t address;
  std::uintptr_t base = 0;  // where the file lies that has it
  std::string path;         // empty: there is no such file
};

// For dl_iterate_phdr; 1: no need to look at more. The program itself has no name there.
int look(dl_phdr_info* file, std::size_t, void* to) noexcept {
  Place& place = *static_cast<Place*>(to);
  for (int i = 0; i < file->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = file->dlpi_phdr[i];
    const std::uintptr_t begin = file->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || place.address < begin || place.address - begin >= part.p_memsz) continue;
    place.base = file->dlpi_addr;
    try {
      place.path = file->dlpi_name && *file->dlpi_name ? file->dlpi_name : "/proc/self/exe";
    } catch (...) {
    }
    return 1;
  }
  return 0;
}

bool is_part_of_a_coroutine(std::string_view symbol) noexcept {
  for (const std::string_view end : {".actor", ".destroy", ".resume", ".cleanup"}) {
    if (symbol.ends_with(end)) return true;
  }
  return false;
}

}  // namespace

std::string plain_name(std::string symbol) {
  if (is_part_of_a_coroutine(symbol)) return {};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> pretty(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  if (!pretty) return symbol;  // a function of C
  const std::string_view text(pretty.get());
  return std::string(detail::function_name<kLongest>(text.substr(0, kLongest)).view());
}

const Symbols& Names::symbols_of(const std::string& path) {
  const auto known = files_.find(path);
  if (known != files_.end()) return known->second;
  return files_.emplace(path, Symbols(path)).first->second;
}

std::string Names::of(const void* function) {
  Place place{reinterpret_cast<std::uintptr_t>(function), 0, {}};
  dl_iterate_phdr(look, &place);
  if (place.path.empty()) return {};
  const bool is_new = files_.find(place.path) == files_.end();
  const Symbols& symbols = symbols_of(place.path);
  if (is_new && symbols.is_stripped()) {
    say(LogLevel::warn, (place.path == "/proc/self/exe" ? "the program" : place.path) +
                            " is stripped: its functions have no names, and those that it does not export are not traced");
  }
  return plain_name(std::string(symbols.at(place.address - place.base)));
}

}  // namespace jtrace::automatic
