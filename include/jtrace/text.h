// Text: a parameter type for names and keys, borrowed for the duration of one call.
//
// Anything that converts to std::string_view converts to Text: literals, std::string, string_view, char arrays, and
// a `const char*`, where a null pointer is the empty text. `nullptr`, `0` and two braced strings do not compile.
// A Text is never kept: jtrace copies what it needs before the call returns.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "jtrace/detail/export.h"

namespace jtrace::inline v1 {

template <class T>
concept TextLike = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

class Text {
 public:
  template <TextLike T>
  constexpr Text(const T& text JTRACE_BORROWS) noexcept(noexcept(std::string_view(text))) : view_(from(text)) {}

  constexpr std::string_view view() const noexcept { return view_; }
  constexpr operator std::string_view() const noexcept { return view_; }

 private:
  template <class T>
  static constexpr std::string_view from(const T& text) {
    if constexpr (std::is_array_v<T>) {
      return std::string_view(static_cast<const char*>(text));
    } else if constexpr (std::convertible_to<const T&, const char*>) {
      const char* pointer = text;
      return pointer ? std::string_view(pointer) : std::string_view();
    } else {
      return std::string_view(text);
    }
  }

  std::string_view view_;
};

}  // namespace jtrace::inline v1
