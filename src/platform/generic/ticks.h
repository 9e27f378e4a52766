// Ticks where no cheap counter is known to be trustworthy: none. Spans are then stamped by clock_gettime, as they are on
// x86-64 where the kernel does not trust the TSC.
#pragma once

#include <cstdint>

namespace jtrace::inline v1::detail {

inline std::uint64_t read_ticks() noexcept { return 0; }
inline bool ticks_are_trusted() noexcept { return false; }

}  // namespace jtrace::inline v1::detail
