// What a configuration allows, but a user ought to know.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

std::vector<std::string> warnings(const Settings& settings);

}  // namespace jtrace::inline v1::detail
