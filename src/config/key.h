// Key: one row of the table of settings, kKeys in read_settings.cpp: its name in code and in files, its variable, and what
// takes a text for it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/draft.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

// How much of a value an error or explain() may show.
enum class Shown { whole, address, nothing };

struct Key {
  std::string_view name;
  const char* variable;
  Apply apply;
  Shown shown = Shown::whole;
  bool may_be_empty = false;  // in code, where it means the default, whatever the variable says
};

std::span<const Key> all_keys() noexcept;

// Also of "tags.region" and "headers.X-Team", which belong to `tags` and `headers`. Null: there is no such key.
const Key* find_key(std::string_view name) noexcept;

// What may be shown of a value.
std::string shown_value(std::string_view value, Shown how);

}  // namespace jtrace::inline v1::detail
