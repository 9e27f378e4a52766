// Which traces somebody asks for, and finding them in the store.
//
// Made from a request's parameters (query_params.h), used by the JSON search and by the search page. A trace is
// found when one of its spans meets every condition, as in Jaeger's own memory storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "model.h"
#include "store.h"

namespace jtrace::collector {

struct Search {
  std::string service;    // empty: any
  std::string operation;  // empty: any
  std::map<std::string, std::string> tags;  // of the span, of its process or in its logs; values as text
  std::int64_t start_min = std::numeric_limits<std::int64_t>::min();  // microseconds since the Unix epoch
  std::int64_t start_max = std::numeric_limits<std::int64_t>::max();
  double duration_min = 0;  // microseconds; 0: any
  double duration_max = 0;
  std::size_t limit = 100;  // 0: all
  std::vector<TraceId> trace_ids;  // when not empty, these and nothing else
};

// The latest traces first; for given ids, in their order and without those that are missing.
std::vector<Trace> find_traces(const Store& store, const Search& search);

// A tag's value as searches spell it: numbers in decimal, bytes in hex.
std::string search_text(const Value& value);

}  // namespace jtrace::collector
