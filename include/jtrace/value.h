// Value, Field and Fields: what a tag or a log holds, borrowed for the duration of one call.
//
// The C++ type chooses the type that Jaeger stores:
//   bool → BOOL; integers and plain enums → LONG; an unsigned integer above INT64_MAX → its decimal text;
//   floating point → DOUBLE; text → STRING; bytes(p, n) → BINARY; an empty optional or a null char* → no tag at all.
// Refused at compile time: char, pointers, nullptr, scoped enums, durations (say the unit: count()), and what merely
// converts to bool.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <type_traits>

#include "jtrace/text.h"

namespace jtrace::inline v1 {

namespace detail {

// By std::data and std::size, which <string_view> declares: a std::span's header would make this one dearer.
template <class T>
concept ByteRange = requires(const T& range) {
  { std::data(range) } -> std::convertible_to<const std::byte*>;
  { std::size(range) } -> std::convertible_to<std::size_t>;
};
template <class T>
concept ByteView = ByteRange<T> && std::ranges::enable_borrowed_range<T>;

}  // namespace detail

// Bytes that are meant as bytes: they arrive as a BINARY tag, unchanged. Borrowed, like every value.
struct Bytes {
  const void* data;
  std::size_t size;
};
inline Bytes bytes(const void* data, std::size_t size) noexcept { return {data, size}; }
// A std::span of std::byte, an array, a vector: any range of them in one piece.
template <detail::ByteView View>
Bytes bytes(View view) noexcept {
  return {std::data(view), std::size(view)};
}
template <detail::ByteRange Range>
  requires(!detail::ByteView<Range>)
Bytes bytes(const Range& range JTRACE_BORROWS) noexcept {
  return {std::data(range), std::size(range)};
}

namespace detail {

template <class T>
concept AnyChar = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                  std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept PlainEnum = std::is_enum_v<T> && std::convertible_to<T, long long>;
template <class T>
concept Scalar = std::same_as<T, bool> || (std::integral<T> && !AnyChar<T> && sizeof(T) <= 8) ||
                 std::floating_point<T> || PlainEnum<T>;
template <class T>
concept View = std::same_as<T, std::string_view> || std::same_as<T, Bytes>;
template <class T>
concept PlainValue = Scalar<T> || TextLike<T> || std::same_as<T, Bytes>;

// A std::optional, known by its members: its header would make this one dearer.
template <class T>
concept OptionalValue = requires(const T& value) {
  requires PlainValue<typename T::value_type>;
  { value.has_value() } -> std::same_as<bool>;
  { *value } -> std::same_as<const typename T::value_type&>;
};

}  // namespace detail

// What a tag may hold; see the opening of this file.
template <class T>
concept Taggable = detail::PlainValue<T> || detail::OptionalValue<T>;

class Value {
 public:
  enum class Type : std::uint8_t { text, floating, boolean, integer, binary, unsigned_integer, absent };

  template <Taggable T>
    requires(detail::Scalar<T> || detail::View<T>)
  constexpr Value(T value) noexcept {
    set(value);
  }
  template <Taggable T>
    requires(!detail::Scalar<T> && !detail::View<T>)
  constexpr Value(const T& value JTRACE_BORROWS) {
    set(value);
  }

  constexpr Type type() const noexcept { return type_; }
  constexpr bool as_bool() const noexcept { return bits_.integer != 0; }
  constexpr std::int64_t as_integer() const noexcept { return bits_.integer; }
  constexpr std::uint64_t as_unsigned() const noexcept { return static_cast<std::uint64_t>(bits_.integer); }
  constexpr double as_double() const noexcept { return bits_.floating; }
  // The text or the bytes; empty for the other types.
  constexpr std::string_view as_text() const noexcept {
    return type_ == Type::text || type_ == Type::binary ? std::string_view(bits_.pointer, size_) : std::string_view();
  }

  friend constexpr bool operator==(const Value& a, const Value& b) noexcept {
    if (a.type_ != b.type_) return false;
    if (a.type_ == Type::text || a.type_ == Type::binary) return a.as_text() == b.as_text();
    if (a.type_ == Type::floating) return a.bits_.floating == b.bits_.floating;
    return a.type_ == Type::absent || a.bits_.integer == b.bits_.integer;
  }

 private:
  template <class T>
  constexpr void set(const T& value) {
    if constexpr (detail::OptionalValue<T>) {
      if (value) set(*value);
    } else if constexpr (std::same_as<T, bool>) {
      type_ = Type::boolean;
      bits_.integer = value;
    } else if constexpr (std::floating_point<T>) {
      type_ = Type::floating;
      bits_.floating = static_cast<double>(value);
    } else if constexpr (detail::Scalar<T>) {
      set_integer(value);
    } else if constexpr (std::same_as<T, Bytes>) {
      type_ = Type::binary;
      bits_.pointer = static_cast<const char*>(value.data);
      size_ = value.data ? clamp(value.size) : 0;
    } else {
      set_text(value);
    }
  }
  template <class T>
  constexpr void set_integer(T value) noexcept {
    type_ = Type::integer;
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) type_ = Type::unsigned_integer;
    }
    bits_.integer = static_cast<std::int64_t>(value);
  }
  template <class T>
  constexpr void set_text(const T& value) {
    if constexpr (!std::is_array_v<T> && std::convertible_to<const T&, const char*>) {
      const char* pointer = value;
      if (!pointer) return;
    }
    const std::string_view view = Text(value);
    type_ = Type::text;
    bits_.pointer = view.data();
    size_ = clamp(view.size());
  }
  static constexpr std::uint32_t clamp(std::size_t size) noexcept {
    return size > 0xffffffffu ? 0xffffffffu : static_cast<std::uint32_t>(size);
  }

  union {
    std::int64_t integer;
    double floating;
    const char* pointer;
  } bits_{};
  std::uint32_t size_ = 0;
  Type type_ = Type::absent;
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>, "a Value travels in two registers");

// A key and its value: a tag of a span, or one field of a log.
struct Field {
  Text key;
  Value value;
};
using Tag = Field;

// A borrowed list of fields: braces, an array, a vector. For parameters only.
class Fields {
 public:
  constexpr Fields() noexcept = default;
  constexpr Fields(std::initializer_list<Field> list JTRACE_BORROWS) noexcept
      : data_(std::data(list)), size_(list.size()) {}
  template <class Range>
    requires requires(const Range& range) { static_cast<const Field*>(std::data(range)); }
  constexpr explicit Fields(const Range& range JTRACE_BORROWS) noexcept
      : data_(std::data(range)), size_(std::size(range)) {}

  constexpr const Field* begin() const noexcept { return data_; }
  constexpr const Field* end() const noexcept { return data_ + size_; }
  constexpr std::size_t size() const noexcept { return size_; }

 private:
  const Field* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace jtrace::inline v1
