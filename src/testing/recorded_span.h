// Spans for a test's eyes: from a record in the queue, or from what a reporter is given, to a testing::RecordedSpan.
#pragma once

#include <deque>
#include <string_view>

#include "clock/tick_map.h"
#include "jtrace/testing.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

testing::RecordedSpan read_record(const char* record, std::size_t size, const Sampler& sampler, TickMap& time);
testing::RecordedSpan copy_of(const FinishedSpan& span);

// Throws std::out_of_range, with the trees that there are.
const testing::RecordedSpan& first_named(const std::deque<testing::RecordedSpan>& spans, std::string_view name);

}  // namespace jtrace::inline v1::detail
