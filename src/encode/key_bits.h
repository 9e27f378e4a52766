// KeyBits: has a tag's key been seen in this span before? No is certain; yes asks for a closer look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace jtrace::inline v1::detail {

class KeyBits {
 public:
  KeyBits() noexcept = default;
  constexpr KeyBits(std::initializer_list<std::string_view> keys) noexcept {
    for (const std::string_view key : keys) add(key.size(), static_cast<unsigned char>(key.back()));
  }

  // The key's size and its last byte. False: perhaps it was there before.
  constexpr bool add(std::size_t size, unsigned char last) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << ((last + size * 8) & 63);
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    return true;
  }
  constexpr void add(KeyBits others) noexcept { seen_ |= others.seen_; }

 private:
  std::uint64_t seen_ = 0;
};

}  // namespace jtrace::inline v1::detail
