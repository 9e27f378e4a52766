// From texts to Settings: what was set in code, over the environment, over a file, over the defaults, by one table of keys.
//
// Every key has a parser that either changes the settings or says what it would allow. The first value that is refused
// ends the reading with an Error that names the key (or variable, or what the file calls it), value and what is allowed;
// secrets are masked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/entries.h"
#include "config/settings.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

struct SettingsOrError {
  Settings settings;
  Error error;                        // an empty key: none
  std::vector<std::string> warnings;  // names, in a file or the environment, that nobody reads
};

// Throws std::bad_alloc.
SettingsOrError read_settings(std::span<const ConfigView> from_code);

}  // namespace jtrace::inline v1::detail
