// A trace put in the order in which it is read: parents above their children, children by their start.
//
// Made from a snapshot by whoever shows it, for the terminal and for the page. It believes no sender: spans may
// name parents that are missing, or each other in a circle, and every span is still there exactly once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model.h"

namespace jtrace::collector {

struct Row {
  const Span* span = nullptr;
  std::size_t depth = 0;
  bool is_last = true;     // of its siblings
  bool has_children = false;
  bool is_orphan = false;  // stands at the top although it names a parent
};

struct Tree {
  std::vector<Row> rows;
  std::int64_t start = 0;     // of the earliest span, microseconds since the Unix epoch
  std::uint64_t length = 0;   // from there to the latest end, microseconds
  std::size_t errors = 0;     // spans with an error
  std::vector<std::string> services;  // in the order in which they appear
};

// The rows point into `trace`, which has to live as long.
Tree make_tree(const Trace& trace);

// Microseconds from the start of the trace to `time`; 0 for what lies before.
std::uint64_t offset_in(const Tree& tree, std::int64_t time);

}  // namespace jtrace::collector
