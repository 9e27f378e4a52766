#include <chrono>
#include <vector>

#include "emit.h"

namespace jtrace_send {
namespace {

using namespace std::chrono_literals;

// Each span of the chain lies this far within its parent, and what hangs below beside it, further in.
constexpr auto kMargin = 1ms;
constexpr auto kLeaf = 100us;

}  // namespace

// The chain stays open; what else hangs below its members comes and goes, so that few spans are open at a time.
jtrace::TraceId Emitter::emit_tree(std::uint64_t trace, const Tree& tree) const {
  const auto length = 2 * kMargin * static_cast<std::int64_t>(tree.depth);
  const jtrace::Timestamp end = std::chrono::system_clock::now(), begin = end - length;
  const auto at = [](std::uint64_t level) { return kMargin * static_cast<std::int64_t>(level - 1); };
  const bool fails = is_failing(trace, options_.error_rate);

  std::vector<jtrace::Span> chain;
  chain.reserve(tree.depth);
  for (std::uint64_t level = 1; level <= tree.depth; ++level) {
    const jtrace::Parent parent = chain.empty() ? jtrace::Parent(jtrace::root) : jtrace::Parent(chain.back());
    chain.push_back(tracer_.start_span(name_of_level(level), {.child_of = parent, .start_time = begin + at(level)}));
  }
  for (std::uint64_t number = tree.depth; number < tree.spans; ++number) {
    const std::uint64_t level = tree.level_of(number);
    const jtrace::Timestamp start = begin + at(level);
    jtrace::Span span = tracer_.start_span(
        name_of_level(level), {.child_of = chain[tree.parent_of(number)], .start_time = start});
    set_tags(span);
    span.finish(start + kLeaf);
  }
  const jtrace::TraceId id = chain.front().context().trace_id();
  for (std::uint64_t level = tree.depth; level >= 1; --level) {
    jtrace::Span& span = chain[level - 1];
    if (fails) span.set_error();
    set_tags(span);
    span.finish(end - at(level));
  }
  return id;
}

}  // namespace jtrace_send
