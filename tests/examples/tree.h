// What an example program has sent, as an indented tree, for comparison with the one that its reader expects.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/process.h"

namespace examples {

// By their parents' ids: a program may have sent a hundred thousand.
using Children = std::multimap<std::uint64_t, const support::SentSpan*>;

inline void add_children(std::string* tree, const Children& children, std::uint64_t parent, std::size_t depth) {
  const auto [first, last] = children.equal_range(parent);
  for (auto at = first; at != last; ++at) {
    const support::SentSpan& span = *at->second;
    *tree += std::string(2 * depth, ' ') + span.name + (span.tag("error") ? " !" : "") + "\n";
    add_children(tree, children, span.span_id, depth + 1);
  }
}

// Siblings by their start.
inline std::string tree_of(std::vector<support::SentSpan> spans) {
  std::stable_sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  Children children;
  for (const support::SentSpan& span : spans) children.emplace(span.parent_span_id, &span);
  std::string tree;
  add_children(&tree, children, 0, 0);
  return tree;
}

// Runs a program against a collector and returns what arrived there by its end.
struct Run {
  support::Outcome outcome;
  std::vector<support::SentSpan> spans;
  std::string service;
};
inline Run run(std::vector<std::string> command) {
  support::HttpServer collector;
  Run run;
  run.outcome = support::run(std::move(command), {{"JAEGER_ENDPOINT", collector.endpoint()}});
  run.spans = support::spans_of(collector);
  if (!collector.requests().empty()) run.service = support::decode_batch(collector.requests().back().body).service;
  return run;
}

}  // namespace examples
