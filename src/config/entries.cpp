#include "config/entries.h"

#include <charconv>
#include <new>

namespace jtrace::inline v1::detail {

EntryList* new_entries() noexcept { return new (std::nothrow) EntryList; }

void delete_entries(EntryList* list) noexcept { delete list; }

void add_entry(EntryList* list, std::string_view prefix, std::string_view name, std::string_view value) noexcept {
  if (!list) return;
  try {
    std::string key(prefix);
    key += name;
    list->entries.push_back({std::move(key), std::string(value)});
  } catch (const std::bad_alloc&) {
    list->is_void = true;
  }
}

void add_number(EntryList* list, std::string_view key, double value) noexcept {
  char digits[32];  // as many as give the same number again
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  add_entry(list, key, {}, {digits, end});
}

void add_count(EntryList* list, std::string_view key, std::int64_t value, std::string_view unit) noexcept {
  char text[32];
  char* end = std::to_chars(text, text + 24, value).ptr;
  end += unit.copy(end, static_cast<std::size_t>(text + sizeof text - end));
  add_entry(list, key, {}, {text, end});
}

std::vector<ConfigView> views_of(const EntryList* list) {
  if (!list || list->is_void) throw std::bad_alloc();
  std::vector<ConfigView> views;
  for (const EntryList::Entry& entry : list->entries) views.push_back({entry.key, entry.value});
  return views;
}

}  // namespace jtrace::inline v1::detail
