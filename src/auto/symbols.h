// Symbols: the names of the functions of one file, the program itself or a library that it has loaded.
//
// They are read from the ELF file's own table of symbols, .symtab, which has static and private functions, too; where the file was
// stripped of it, from .dynsym, which has what a library exports. The file stays mapped, since the names lie in it. A file that
// is not what it should be has no symbols.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jtrace::automatic {

class Symbols {
 public:
  explicit Symbols(const std::string& path);
  ~Symbols();
  Symbols(Symbols&&) noexcept;
  Symbols& operator=(Symbols&&) = delete;

  // As the linker knows it, of the function that begins there (an address as it stands in the file); empty if there is none.
  std::string_view at(std::uint64_t address) const noexcept;
  bool is_stripped() const noexcept { return is_stripped_; }

 private:
  struct Symbol {
    std::uint64_t address;
    std::uint32_t name;  // its place among the names
  };
  void read_table() noexcept(false);

  const char* file_ = nullptr;
  std::size_t size_ = 0;
  std::string_view names_;
  std::vector<Symbol> symbols_;  // by address
  bool is_stripped_ = false;
};

}  // namespace jtrace::automatic
