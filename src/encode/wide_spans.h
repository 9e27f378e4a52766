// The wide way: usual spans written by loads and stores of 64 bytes, on a CPU that can also reorder 64 bytes at once.
// The platform brings it (src/platform); where it does not, and for spans that are not for it, the encoder goes the
// generic way, and both write the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clock/tick_map.h"
#include "encode/batch.h"
#include "encode/own_tags.h"
#include "record/record_view.h"

namespace jtrace::inline v1::detail {

enum class Way : std::uint8_t { generic, wide };

// The quickest that this CPU knows.
Way best_way() noexcept;

// Appends spans of the run, and moves it on, up to its end or to a span that the generic way is to have: one that is
// rare, or has a long name, a key twice or bytes outside of ASCII, or with which the batch would have `max_bytes` or
// more. The batch has room for a usual span behind that. Only if best_way() is the wide one.
void put_wide_spans(Batch& batch, std::size_t max_bytes, Run& records, const OwnTags& own_tags, TickMap& time) noexcept;

}  // namespace jtrace::inline v1::detail
