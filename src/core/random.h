// Random: xoshiro256++ (Blackman and Vigna), one generator a thread, seeded with 256 bits from the kernel. Not for
// secrets.
#pragma once

#include <bit>
#include <cstdint>

namespace jtrace::inline v1::detail {

struct Random {
  std::uint64_t words[4];

  void seed() noexcept;
  // Never 0, which means "no id".
  std::uint64_t next() noexcept {
    for (;;) {
      const std::uint64_t result = std::rotl(words[0] + words[3], 23) + words[0];
      step();
      if (result != 0) [[likely]] return result;
    }
  }
  // 64 bits more for the number that next() will give, by the scrambler of xoshiro256** on the same state.
  std::uint64_t beside_next() const noexcept { return std::rotl(words[1] * 5, 7) * 9; }

 private:
  void step() noexcept {
    const std::uint64_t shifted = words[1] << 17;
    words[2] ^= words[0];
    words[3] ^= words[1];
    words[1] ^= words[2];
    words[0] ^= words[3];
    words[2] ^= shifted;
    words[3] = std::rotl(words[3], 45);
  }
};

}  // namespace jtrace::inline v1::detail
