// Tree: the trace of --spans and --depth, in the place of the tutorial's: so many spans on so many levels. A chain goes from
// the root down to the last level; the other spans hang below its members in turn. Spans of one level have one
// name, "level 1" for the root, so that a load has few operation names. Pure values, shared by the emitting and the verifying side.
#pragma once

#include <cstdint>
#include <string>

namespace jtrace_send {

struct Tree {
  static constexpr std::uint64_t kMostSpans = 10'000;
  static constexpr std::uint64_t kMostDepth = 1'000;

  std::uint64_t spans = 0;  // at least `depth`
  std::uint64_t depth = 0;  // 1: a root alone

  // Spans are numbered from the root, which is 0, down the chain; its own parent is the root's.
  std::uint64_t parent_of(std::uint64_t span) const noexcept;
  std::uint64_t level_of(std::uint64_t span) const noexcept;  // 1 for the root
  bool is_in_chain(std::uint64_t span) const noexcept { return span < depth; }
};

std::string name_of_level(std::uint64_t level);

}  // namespace jtrace_send
