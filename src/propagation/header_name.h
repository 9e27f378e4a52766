// HeaderName: the name of a header that a format reads and writes, in lower case, as a value without heap. Compared without
// case, eight letters at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace jtrace::inline v1::detail {

constexpr char lower_of(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Most names come in lower case already, and what differs mostly differs at the end.
inline bool same_header(std::string_view a, std::string_view lower_case) noexcept {
  if (a.size() != lower_case.size() || a.empty()) return a.size() == lower_case.size();
  if (lower_of(a.back()) != lower_case.back()) return false;
  if (std::memcmp(a.data(), lower_case.data(), a.size()) == 0) return true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower_of(a[i]) != lower_case[i]) return false;
  }
  return true;
}

class HeaderName {
 public:
  static constexpr std::size_t kMost = 63;

  constexpr HeaderName() noexcept = default;
  // Cut at kMost; whoever takes one from a user refuses a longer one.
  constexpr HeaderName(std::string_view name) noexcept {
    for (const char c : name.substr(0, kMost)) {
      const char lower = lower_of(c);
      case_bits_[size_] = lower >= 'a' && lower <= 'z' ? 0x20 : 0;
      text_[size_++] = lower;
    }
  }

  constexpr std::string_view view() const noexcept { return {text_, size_}; }
  bool is(std::string_view name) const noexcept { return name.size() == size_ && matches(name.data()); }
  bool begins(std::string_view name) const noexcept { return name.size() > size_ && size_ != 0 && matches(name.data()); }

 private:
  using Eight = std::uint64_t;

  // The last eight may overlap with those before.
  bool matches(const char* name) const noexcept {
    if (size_ < sizeof(Eight)) return matches_in_short(name);
    const std::size_t last = size_ - sizeof(Eight);
    for (std::size_t at = 0; at < last; at += sizeof(Eight)) {
      if (!matches_at(name, at)) return false;
    }
    return matches_at(name, last);
  }
  bool matches_at(const char* name, std::size_t at) const noexcept {
    return (eight(name + at) | eight(case_bits_ + at)) == eight(text_ + at);
  }
  bool matches_in_short(const char* name) const noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
      if ((name[i] | case_bits_[i]) != text_[i]) return false;
    }
    return true;
  }
  static Eight eight(const char* from) noexcept {
    Eight letters;
    std::memcpy(&letters, from, sizeof letters);
    return letters;
  }

  char text_[kMost]{};
  char case_bits_[kMost]{};  // where text_ has a letter, the bit that makes a small one of a capital
  std::uint8_t size_ = 0;
};

}  // namespace jtrace::inline v1::detail
