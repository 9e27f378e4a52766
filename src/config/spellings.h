// Spellings: what other Jaeger clients call the settings in their files, and in which units, turned into jtrace's own.
#pragma once

#include <string>
#include <string_view>

#include "config/file.h"

namespace jtrace::inline v1::detail {

// Gives each entry its key in the table of settings, where it has one, and its value the unit that its spelling implies. Entries
// that mean nothing to jtrace go. Throws std::bad_alloc.
void translate(File& file);

// Small letters, without '_' and '-': what names are compared by.
std::string plain_name(std::string_view name);

}  // namespace jtrace::inline v1::detail
