// A trace drawn for the terminal: one line for each span, as a tree on the left and a bar on the time axis.
//
// A pure function from a snapshot to text, so that tests can look at it as a newcomer does. With colours it
// needs a terminal; without, it reads well in a file.
#pragma once

#include <cstddef>
#include <string>

#include "model.h"

namespace jtrace::collector {

struct WaterfallStyle {
  bool colours = false;
  bool ascii = false;      // no characters beyond ASCII of our own; names keep theirs
  std::size_t width = 100;  // columns; less than 60 is taken for 60
  std::string link = {};   // shown in the heading when not empty: the address of the trace's page
};

// The picture, ending with an empty line. Never empty.
std::string draw_waterfall(const Trace& trace, const WaterfallStyle& style);

}  // namespace jtrace::collector
