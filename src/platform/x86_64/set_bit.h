// set_bit on x86-64: one instruction, which compilers do not find by themselves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jtrace::inline v1::detail {

// Sets bit number (bit % 64). Was it set before?
[[gnu::always_inline]] inline bool set_bit(std::uint64_t& word, std::size_t bit) noexcept {
  bool was_set;
  asm("btsq %2, %0" : "+r"(word), "=@ccc"(was_set) : "r"(bit));
  return was_set;
}

}  // namespace jtrace::inline v1::detail
