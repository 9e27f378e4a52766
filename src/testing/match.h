// Match: recorded trees held against a pattern. Where they differ, the first difference is told, with the trees around it.
#pragma once

#include <deque>
#include <string_view>

#include "jtrace/testing.h"

namespace jtrace::inline v1::detail {

// Throws std::invalid_argument where the pattern is none.
testing::Matched match(std::string_view pattern, const std::deque<testing::RecordedSpan>& spans);

}  // namespace jtrace::inline v1::detail
