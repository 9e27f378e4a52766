// From texts to Settings: what was set in code, over the environment, over the defaults, by one table of keys.
//
// Every key has a parser that either changes the settings or says what it would allow. The first value that is refused
// ends the reading with an Error that names key (or variable), value and what is allowed; secrets are masked.
#pragma once

#include <span>

#include "config/entries.h"
#include "config/settings.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

struct SettingsOrError {
  Settings settings;
  Error error;  // an empty key: none
};

// Throws std::bad_alloc.
SettingsOrError read_settings(std::span<const ConfigView> from_code);

}  // namespace jtrace::inline v1::detail
