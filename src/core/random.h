// Random: xoshiro256++ (Blackman and Vigna), one generator a thread, seeded with 256 bits from the kernel. Never gives 0,
// which means "no id". Not for secrets.
#pragma once

#include <bit>
#include <cstdint>

namespace jtrace::inline v1::detail {

struct Random {
  std::uint64_t words[4];

  void seed() noexcept;
  std::uint64_t next() noexcept {
    for (;;) {
      const std::uint64_t result = std::rotl(words[0] + words[3], 23) + words[0];
      const std::uint64_t shifted = words[1] << 17;
      words[2] ^= words[0];
      words[3] ^= words[1];
      words[1] ^= words[2];
      words[0] ^= words[3];
      words[2] ^= shifted;
      words[3] = std::rotl(words[3], 45);
      if (result != 0) [[likely]] return result;
    }
  }
};

}  // namespace jtrace::inline v1::detail
