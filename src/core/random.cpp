#include "core/random.h"

#include <sys/random.h>
#include <unistd.h>

#include "clock/clock.h"

namespace jtrace::inline v1::detail {
namespace {

// SplitMix64, to spread what little there is where the kernel gives no random bytes.
std::uint64_t spread(std::uint64_t& state) noexcept {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

void Random::seed() noexcept {
  if (getrandom(words, sizeof words, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof words)) {
    std::uint64_t state = static_cast<std::uint64_t>(wall_now()) ^ static_cast<std::uint64_t>(getpid()) << 32 ^
                          reinterpret_cast<std::uintptr_t>(this);
    for (std::uint64_t& word : words) word = spread(state);
  }
  if ((words[0] | words[1] | words[2] | words[3]) == 0) words[0] = 1;
}

}  // namespace jtrace::inline v1::detail
