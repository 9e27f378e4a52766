#include "tree.h"

namespace jtrace_send {

std::uint64_t Tree::parent_of(std::uint64_t span) const noexcept {
  if (span == 0) return 0;
  return is_in_chain(span) ? span - 1 : (span - depth) % (depth - 1);
}

std::uint64_t Tree::level_of(std::uint64_t span) const noexcept {
  return is_in_chain(span) ? span + 1 : parent_of(span) + 2;
}

std::string name_of_level(std::uint64_t level) { return "level " + std::to_string(level); }

}  // namespace jtrace_send
