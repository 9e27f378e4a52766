#include "tree.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace jtrace::collector {
namespace {

std::int64_t end_of(const Span& span) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return span.start > kMax - span.duration ? kMax : span.start + span.duration;
}

std::uint64_t distance(std::int64_t from, std::int64_t to) {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

// Walks from the roots down. Spans are known by their index in the trace, which is in the order of start.
class Walker {
 public:
  explicit Walker(const std::vector<SpanPtr>& spans) : spans_(spans), children_(spans.size()), seen_(spans.size()) {
    for (std::size_t i = 0; i < spans.size(); ++i) first_with_id_.try_emplace(spans[i]->span_id, i);
  }

  std::vector<Row> walk() {
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const auto parent = find_parent(i);
      if (parent) {
        children_[*parent].push_back(i);
      } else {
        roots.push_back(i);
      }
    }
    for (std::size_t root : roots) descend(root);
    // What is left hangs in circles: the earliest of each becomes its top.
    for (std::size_t i = 0; i < spans_.size(); ++i) descend(i);
    return std::move(rows_);
  }

 private:
  struct Step {
    std::size_t index;
    std::size_t depth;
    bool is_last;
  };

  std::optional<std::size_t> find_parent(std::size_t child) const {
    const std::uint64_t id = parent_of(*spans_[child]);
    const auto found = first_with_id_.find(id);
    if (id == 0 || found == first_with_id_.end() || found->second == child) return std::nullopt;
    return found->second;
  }

  // With its own stack, since traces may be deeper than ours.
  void descend(std::size_t root) {
    std::vector<Step> stack{{root, 0, true}};
    while (!stack.empty()) {
      const Step step = stack.back();
      stack.pop_back();
      if (seen_[step.index]) continue;
      seen_[step.index] = true;
      add_row(step);
      push_children(step, stack);
    }
  }

  void add_row(const Step& step) {
    Row row;
    row.span = spans_[step.index].get();
    row.depth = step.depth;
    row.is_last = step.is_last;
    row.is_orphan = step.depth == 0 && parent_of(*row.span) != 0;
    rows_.push_back(row);
  }

  void push_children(const Step& step, std::vector<Step>& stack) {
    const auto& children = children_[step.index];
    bool is_last = true;
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      if (seen_[*child]) continue;
      stack.push_back({*child, step.depth + 1, is_last});
      is_last = false;
      rows_.back().has_children = true;
    }
  }

  const std::vector<SpanPtr>& spans_;
  std::unordered_map<std::uint64_t, std::size_t> first_with_id_;
  std::vector<std::vector<std::size_t>> children_;
  std::vector<bool> seen_;
  std::vector<Row> rows_;
};

void measure(Tree& tree) {
  if (tree.rows.empty()) return;
  tree.start = tree.rows.front().span->start;
  std::int64_t end = tree.start;
  for (const Row& row : tree.rows) {
    tree.start = std::min(tree.start, row.span->start);
    end = std::max(end, end_of(*row.span));
  }
  tree.length = distance(tree.start, end);
}

}  // namespace

Tree make_tree(const Trace& trace) {
  Tree tree;
  tree.rows = Walker(trace.spans).walk();
  measure(tree);
  std::unordered_set<std::string> known;
  for (const Row& row : tree.rows) {
    if (is_error(*row.span)) ++tree.errors;
    const std::string& service = row.span->process->service;
    if (known.insert(service).second) tree.services.push_back(service);
  }
  return tree;
}

std::uint64_t offset_in(const Tree& tree, std::int64_t time) {
  return time <= tree.start ? 0 : distance(tree.start, time);
}

}  // namespace jtrace::collector
