// The version of these headers, and that of the library they run against. It follows semantic versioning; the same
// text arrives at Jaeger as the process tag jaeger.version = "jtrace-<version>".
#pragma once

#include "jtrace/detail/export.h"

#define JTRACE_VERSION "0.1.0"

namespace jtrace::inline v1 {

// Of the library that is linked; it may be newer than JTRACE_VERSION.
JTRACE_API const char* version() noexcept;

}  // namespace jtrace::inline v1
