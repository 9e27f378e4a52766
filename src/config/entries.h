// Entries: what a Config says, as key and value texts, on their way from the header into the table of settings.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jtrace/config.h"

namespace jtrace::inline v1::detail {

struct ConfigView {
  std::string_view key, value;
};

struct EntryList {
  struct Entry {
    std::string key, value;
  };
  std::vector<Entry> entries;
  bool is_void = false;  // there was no memory for an entry
};

// Valid as long as the list. Throws std::bad_alloc, also where the list is void or none.
std::vector<ConfigView> views_of(const EntryList*);

}  // namespace jtrace::inline v1::detail
