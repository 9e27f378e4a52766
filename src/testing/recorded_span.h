// From a record in the queue to a testing::RecordedSpan: what the encoder does for the wire, for a test's eyes.
#pragma once

#include "clock/tick_map.h"
#include "jtrace/testing.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

testing::RecordedSpan read_record(const char* record, std::size_t size, const Sampler& sampler, TickMap& time);

// "parent\n  child !\n": see Recorder::tree.
std::string draw_tree(const std::deque<testing::RecordedSpan>& spans);

}  // namespace jtrace::inline v1::detail
