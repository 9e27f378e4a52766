// set_bit in plain C++.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jtrace::inline v1::detail {

// Sets bit number (bit % 64). Was it set before?
inline bool set_bit(std::uint64_t& word, std::size_t bit) noexcept {
  const std::uint64_t mask = std::uint64_t{1} << (bit & 63);
  const bool was_set = (word & mask) != 0;
  word |= mask;
  return was_set;
}

}  // namespace jtrace::inline v1::detail
