#include "testing/forest.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace jtrace::inline v1::detail {
namespace {

using testing::RecordedSpan;
using Key = std::pair<TraceId, SpanId>;
using Below = std::map<Key, std::vector<const RecordedSpan*>>;

Forest grow(std::vector<const RecordedSpan*> list, Below& below) {
  std::stable_sort(list.begin(), list.end(), [](const RecordedSpan* a, const RecordedSpan* b) { return a->start < b->start; });
  Forest forest;
  for (const RecordedSpan* span : list) {
    const auto children = below.find({span->context.trace_id(), span->context.span_id()});
    // Once: two spans may claim one id.
    auto taken = children == below.end() ? std::vector<const RecordedSpan*>() : std::exchange(children->second, {});
    forest.push_back({span, taken.empty() ? Forest() : grow(std::move(taken), below)});
  }
  return forest;
}

void draw(std::string& text, const Forest& forest, const RecordedSpan* here, std::size_t depth) {
  for (const Tree& tree : forest) {
    text.append(depth * 2, ' ').append(tree.span->name).append(tree.span->is_error() ? " !" : "");
    text.append(tree.span == here ? "  <-- here\n" : "\n");
    draw(text, tree.children, here, depth + 1);
  }
}

}  // namespace

Forest forest_of(const std::deque<RecordedSpan>& spans) {
  std::set<Key> known;
  for (const RecordedSpan& span : spans) known.insert({span.context.trace_id(), span.context.span_id()});
  Below below;
  std::vector<const RecordedSpan*> roots;
  for (const RecordedSpan& span : spans) {
    const Key parent{span.context.trace_id(), span.parent};
    (known.contains(parent) ? below[parent] : roots).push_back(&span);
  }
  return grow(std::move(roots), below);
}

std::string draw(const Forest& forest, const RecordedSpan* here) {
  std::string text;
  draw(text, forest, here, 0);
  return text;
}

}  // namespace jtrace::inline v1::detail
