// Warnings: what a configuration allows, but its user ought to know, such as credentials that travel in clear. A sentence each,
// for the log, without secrets; said once, when a tracer is made.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

// Throws std::bad_alloc.
std::vector<std::string> warnings(const Settings& settings);

}  // namespace jtrace::inline v1::detail
