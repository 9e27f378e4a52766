// The defaults of the settings, as texts that the table of settings reads.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

// Empty where the default is that there is none. Throws std::bad_alloc.
std::string default_text(std::string_view key, const Settings& settings);

}  // namespace jtrace::inline v1::detail
