// How much memory this process uses, and whether a sanitizer makes that number meaningless.
#pragma once

#include <cstddef>

namespace support {

// Bytes that are resident now (RSS).
std::size_t resident_bytes();

// Was this program built with ASan, TSan or MSan? Their shadows and quarantines grow by themselves.
bool is_sanitized();
// With TSan? It knows only some of what fork allows.
bool is_thread_sanitized();

}  // namespace support
