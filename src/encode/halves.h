// Halves of a batch: for a far side to which the whole was too large. Spans stay whole; both halves carry the process.
#pragma once

#include "encode/batch.h"

namespace jtrace::inline v1::detail {

// Moves the second half of the spans of a finished batch into `rest`, as a finished batch. False, and nothing has changed: it has
// one span only, or there is no memory.
bool halve(Batch& batch, Batch& rest) noexcept;

}  // namespace jtrace::inline v1::detail
