// The global tracer: configured from the environment at its first use, or from code by init().
#pragma once

#include "core/core.h"

namespace jtrace::inline v1::detail {

// Null if the global tracer is off. Configures it if that was not done.
Core* global_core() noexcept;

// The core of the active span, else the global one; null if that is off.
Core* core_near() noexcept;

// A head that is never freed, off to begin with. Throws std::bad_alloc.
CoreHead* make_head();
void point(CoreHead& head, Core* core, bool is_on) noexcept;

// A test's Recorder takes the global tracer's place, and gives it back.
struct GlobalPlace {
  Core* core;
  std::uint32_t state;
};
GlobalPlace replace_global(const GlobalPlace& with) noexcept;

}  // namespace jtrace::inline v1::detail
