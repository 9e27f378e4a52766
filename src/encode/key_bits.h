// KeyBits: has a tag's key been seen in this span before? No is certain; yes asks for a closer look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "set_bit.h"

namespace jtrace::inline v1::detail {

class KeyBits {
 public:
  KeyBits() noexcept = default;
  constexpr KeyBits(std::initializer_list<std::string_view> keys) noexcept {
    for (const std::string_view key : keys)
      seen_ |= std::uint64_t{1} << (number(key.size(), static_cast<unsigned char>(key.back())) & 63);
  }

  // The key's size and its last byte. False: perhaps it was there before.
  bool add(std::size_t size, unsigned char last) noexcept { return !set_bit(seen_, number(size, last)); }
  constexpr void add(KeyBits others) noexcept { seen_ |= others.seen_; }

 private:
  static constexpr std::size_t number(std::size_t size, unsigned char last) noexcept { return last + size * 8; }

  std::uint64_t seen_ = 0;
};

}  // namespace jtrace::inline v1::detail
