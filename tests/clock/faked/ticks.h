// Ticks of the faked machine, in place of the platform's.
#pragma once

#include "clock/faked_clock.h"

namespace jtrace::inline v1::detail {

inline std::uint64_t read_ticks() noexcept {
  faked::machine.pass(10);
  return static_cast<std::uint64_t>(faked::machine.ticks);
}
inline bool ticks_are_trusted() noexcept { return true; }

}  // namespace jtrace::inline v1::detail
