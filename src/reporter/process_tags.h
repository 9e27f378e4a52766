// The process tags that every batch begins with: hostname, ip, jaeger.version, and the user's own, which win where the keys
// are equal. Looks at the system's interfaces; called on the worker's thread.
#pragma once

#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

std::vector<ProcessTag> process_tags(const Settings& settings);

}  // namespace jtrace::inline v1::detail
