// HeaderName: the name of a header that a format reads and writes, in lower case, as a value without heap.
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

  // Cut at kMost; whoever takes one from a user refuses a longer one.
  constexpr HeaderName(std::string_view name) noexcept {
    for (const char c : name.substr(0, kMost)) text_[size_++] = lower_of(c);
  }

  constexpr std::string_view view() const noexcept { return {text_, size_}; }
  bool is(std::string_view name) const noexcept { return same_header(name, view()); }
  bool begins(std::string_view name) const noexcept {
    return name.size() > size_ && lower_of(name.front()) == text_[0] && same_header(name.substr(0, size_), view());
  }

 private:
  char text_[kMost]{};
  std::uint8_t size_ = 0;
};

}  // namespace jtrace::inline v1::detail
