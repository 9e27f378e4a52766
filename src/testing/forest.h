// Forest: recorded spans as the trees that they are, siblings by start. Spans whose parent was not recorded stand as roots.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "jtrace/testing.h"

namespace jtrace::inline v1::detail {

struct Tree {
  const testing::RecordedSpan* span;
  std::vector<Tree> children;
};
using Forest = std::vector<Tree>;

Forest forest_of(const std::deque<testing::RecordedSpan>& spans);

// "parent\n  child !\n": see Recorder::tree. The line of `here`, if there is one, ends with an arrow.
std::string draw(const Forest& forest, const testing::RecordedSpan* here = nullptr);

}  // namespace jtrace::inline v1::detail
