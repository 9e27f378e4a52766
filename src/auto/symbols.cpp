#include "auto/symbols.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace jtrace::automatic {
namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Entry = ElfW(Sym);

// The bytes of a mapped file, which may say anything.
class File {
 public:
  explicit File(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  std::span<const T> array(std::uint64_t at, std::uint64_t count) const noexcept {
    const bool is_inside = at <= bytes_.size() && at % alignof(T) == 0 && count <= (bytes_.size() - at) / sizeof(T);
    if (!is_inside) return {};
    return {reinterpret_cast<const T*>(bytes_.data() + at), static_cast<std::size_t>(count)};
  }
  std::span<const Section> sections() const noexcept {
    const auto header = array<Header>(0, 1);
    if (header.empty() || std::memcmp(header[0].e_ident, ELFMAG, SELFMAG) != 0) return {};
    if (header[0].e_ident[EI_CLASS] != (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32)) return {};
    return array<Section>(header[0].e_shoff, header[0].e_shnum);
  }
  std::string_view text(const Section& section) const noexcept {
    const auto letters = array<char>(section.sh_offset, section.sh_size);
    return {letters.data(), letters.size()};
  }

 private:
  std::string_view bytes_;
};

const Section* find(std::span<const Section> sections, std::uint32_t type) noexcept {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& section) { return section.sh_type == type; });
  return found == sections.end() ? nullptr : &*found;
}

bool is_function(const Entry& entry) noexcept {
  return (entry.st_info & 0xf) == STT_FUNC && entry.st_value != 0;
}

}  // namespace

Symbols::Symbols(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat about{};
  if (fstat(fd, &about) == 0 && about.st_size > 0) {
    void* const mapped = mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped != MAP_FAILED) {
      file_ = static_cast<const char*>(mapped);
      size_ = static_cast<std::size_t>(about.st_size);
    }
  }
  close(fd);
  read_table();
}

Symbols::Symbols(Symbols&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)), size_(other.size_), names_(other.names_), symbols_(std::move(other.symbols_)),
      is_stripped_(other.is_stripped_) {}

Symbols::~Symbols() {
  if (file_) munmap(const_cast<char*>(file_), size_);
}

void Symbols::read_table() {
  const File file({file_, size_});
  const auto sections = file.sections();
  const Section* table = find(sections, SHT_SYMTAB);
  is_stripped_ = !table;
  if (!table) table = find(sections, SHT_DYNSYM);
  if (!table || table->sh_link >= sections.size()) return;
  names_ = file.text(sections[table->sh_link]);
  for (const Entry& entry : file.array<Entry>(table->sh_offset, table->sh_size / sizeof(Entry))) {
    if (is_function(entry) && entry.st_name < names_.size()) symbols_.push_back({entry.st_value, entry.st_name});
  }
  std::stable_sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
}

std::string_view Symbols::at(std::uint64_t address) const noexcept {
  const auto found = std::lower_bound(symbols_.begin(), symbols_.end(), address,
                                      [](const Symbol& symbol, std::uint64_t wanted) { return symbol.address < wanted; });
  if (found == symbols_.end() || found->address != address) return {};
  const std::string_view rest = names_.substr(found->name);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

}  // namespace jtrace::automatic
