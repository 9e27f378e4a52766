// Spans that were lent to a function, and come back by an exception which only the function's caller can name.
#pragma once

#include "core/slot.h"

namespace jtrace::inline v1::detail {

// A span is about to be finished by an unwinding on this thread. True: whoever has lent it will do that.
bool comes_back(const Thread& thread, Slot& slot) noexcept;

}  // namespace jtrace::inline v1::detail
