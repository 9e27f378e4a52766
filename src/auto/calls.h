// Calls: a thread's calls of traced functions that have not returned, the innermost on top.
//
//   call    main          app::serve     app::load       its function and where its frame lies on the stack,
//   span    [main]        [app::serve]   [app::load]     and its span; none below the depth limit
//
// A call ends when its function says so at its exit. Those that never say it, since an exception passed by code of clang or since
// somebody jumped, are found by their frames: what lies deeper than the frame that goes on is over.
//
// Used by its thread only, also by signal handlers on it; whoever interrupts the work on it is not traced. The memory is taken at
// a thread's first traced call and given back at its end.
#pragma once

#include <cstdint>

#include "auto/decisions.h"

namespace jtrace::automatic {

// `frame`: where the hook's own lies, which is next to that of the function.
void begin_call(const void* function, const Name& name, std::uintptr_t frame) noexcept;
void end_call(const void* function, std::uintptr_t frame) noexcept;
// An exception was caught there.
void end_calls_below(std::uintptr_t frame) noexcept;

}  // namespace jtrace::automatic
