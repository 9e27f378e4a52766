// Stamps: the times in a record, ticks or wall-clock nanoseconds, by the clock that its span was started with. The
// reporter turns ticks into wall-clock times (clock/tick_map.h); which of the two a record holds, its header says.
#pragma once

#include <cstdint>

#include "clock/clock.h"
#include "jtrace/parent.h"

namespace jtrace::inline v1::detail {

inline std::uint64_t wall_stamp(Timestamp at) noexcept {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
inline std::uint64_t stamp_now(bool ticks) noexcept {
  return ticks ? read_ticks() : static_cast<std::uint64_t>(wall_now());
}

}  // namespace jtrace::inline v1::detail
