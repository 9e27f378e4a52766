#include "encode/utf8.h"

#include <cstdint>
#include <cstring>

namespace jtrace::inline v1::detail {
namespace {

struct Sequence {
  std::size_t size;  // bytes looked at: of the character, or of the ill-formed part
  bool valid;
};

// Table 3-7 of the Unicode standard: the second byte's range depends on the first.
Sequence sequence_at(const unsigned char* at, std::size_t left) noexcept {
  const unsigned char first = at[0];
  if (first < 0x80) return {1, true};
  std::size_t size = 0;
  unsigned char low = 0x80, high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    size = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    size = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    size = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (i >= left || at[i] < low || at[i] > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {size, true};
}

constexpr char kReplacement[3] = {'\xef', '\xbf', '\xbd'};

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  while (left != 0) {
    std::uint64_t eight = 0;
    if (left >= 8 && (std::memcpy(&eight, at, 8), (eight & 0x8080808080808080) == 0)) {
      at += 8;
      left -= 8;
      continue;
    }
    const Sequence next = sequence_at(at, left);
    if (!next.valid) return false;
    at += next.size;
    left -= next.size;
  }
  return true;
}

std::size_t repair_utf8(std::string_view text, char* to) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t left = text.size();
  char* out = to;
  while (left != 0) {
    const Sequence next = sequence_at(at, left);
    const std::size_t size = next.valid ? next.size : sizeof kReplacement;
    std::memcpy(out, next.valid ? reinterpret_cast<const char*>(at) : kReplacement, size);
    out += size;
    at += next.size;
    left -= next.size;
  }
  return static_cast<std::size_t>(out - to);
}

std::string repaired_utf8(std::string_view text) {
  std::string repaired(3 * text.size(), '\0');
  repaired.resize(repair_utf8(text, repaired.data()));
  return repaired;
}

std::size_t cut_utf8(std::string_view text, std::size_t size) noexcept {
  if (text.size() <= size) return text.size();
  std::size_t cut = size;
  // Back over continuation bytes, three at most; anything longer was not UTF-8 to begin with.
  for (int i = 0; i < 3 && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80; ++i) --cut;
  return (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80 ? size : cut;
}

std::size_t size_of_characters(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && count-- == 0) break;
  }
  return at;
}

}  // namespace jtrace::inline v1::detail
