// Cursor: where the next byte of a batch goes, and how the parts of Thrift's binary protocol are put there. A field is a
// type byte and its id in two bytes; numbers are big-endian; texts and lists carry their size in four bytes.
//
//   ...written so far│0b 00 03│00 00 00 03│ G  E  T  ?  ?  ?  ?  ?│
//                    at       └─ size ────┘ └─ a whole word ──────┘   at is behind "GET" then: the next field goes there
//
// It looks at no bounds: whoever makes a Cursor has made room for the worst and for kOverrun more, since it writes whole words, and the wide way 64 bytes,
// and what is too much is overwritten next. The texts of a record are read by whole words too, yet never beyond their end,
// where another thread may write: one that is shorter than a word is read together with what is in front of it, a
// header or a key.
//
// It lives in a register: what is called often is inlined, and what is not takes it by value and gives it back.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/record_view.h"

namespace jtrace::inline v1::detail {

// Thrift's type bytes, in front of a field id, as the first four bytes of a field whose id is below 256.
enum : std::uint32_t { kBool = 0x02, kDouble = 0x04, kI32 = 0x08, kI64 = 0x0a, kString = 0x0b, kStruct = 0x0c, kList = 0x0f };
constexpr std::uint32_t field(std::uint32_t type, std::uint32_t id) { return type << 24 | id << 8; }

// TagType and SpanRefType of the IDL.
enum : std::uint32_t { kTagString, kTagDouble, kTagBool, kTagLong, kTagBinary };
enum : std::uint32_t { kChildOf, kFollowsFrom };

inline constexpr bool kIsLittle = std::endian::native == std::endian::little;
constexpr std::uint32_t big(std::uint32_t value) noexcept { return kIsLittle ? __builtin_bswap32(value) : value; }
constexpr std::uint64_t big(std::uint64_t value) noexcept { return kIsLittle ? __builtin_bswap64(value) : value; }

#define JTRACE_INLINED [[gnu::always_inline]]

struct Cursor {
  static constexpr std::size_t kOverrun = 64;
  static constexpr std::size_t kI32Bytes = 7, kI64Bytes = 11, kListHead = 8;

  char* at;

  // ── a field at a place: 3 bytes in front (a fourth is written and overwritten), then the value ──

  JTRACE_INLINED static void store32(char* to, std::uint32_t value) noexcept {
    value = big(value);
    std::memcpy(to, &value, 4);
  }
  JTRACE_INLINED static void store64(char* to, std::uint64_t value) noexcept {
    value = big(value);
    std::memcpy(to, &value, 8);
  }
  JTRACE_INLINED static void i64_at(char* to, std::uint32_t id, std::uint64_t value) noexcept {
    store32(to, field(kI64, id));
    store64(to + 3, value);
  }
  JTRACE_INLINED static void i32_at(char* to, std::uint32_t id, std::uint32_t value) noexcept {
    store32(to, field(kI32, id));
    store32(to + 3, value);
  }
  JTRACE_INLINED static void list_at(char* to, std::uint32_t id, std::uint32_t count) noexcept {
    store32(to, field(kList, id) | kStruct);
    store32(to + 4, count);
  }

  // ── one after the other ──

  JTRACE_INLINED void u8(char value) noexcept { *at++ = value; }
  JTRACE_INLINED void head(std::uint32_t field) noexcept {
    store32(at, field);
    at += 3;
  }
  JTRACE_INLINED void i64(std::uint32_t id, std::uint64_t value) noexcept {
    i64_at(at, id, value);
    at += kI64Bytes;
  }
  JTRACE_INLINED void i32(std::uint32_t id, std::uint32_t value) noexcept {
    i32_at(at, id, value);
    at += kI32Bytes;
  }
  // A span's flags, start and duration.
  JTRACE_INLINED void times(std::uint32_t flags, std::uint64_t start, std::uint64_t duration) noexcept {
    static constexpr char kFrame[16] = {kI32, 0, 7, 0, 0, 0, 0, kI64, 0, 8};
    std::memcpy(at, kFrame, sizeof kFrame);
    at[6] = static_cast<char>(flags);
    store64(at + 10, start);
    i64_at(at + 18, 9, duration);
    at += kI32Bytes + 2 * kI64Bytes;
  }
  JTRACE_INLINED void list(std::uint32_t id, std::uint32_t count) noexcept {
    list_at(at, id, count);
    at += kListHead;
  }
  // Any text; what is not UTF-8 in it is replaced.
  void text(std::uint32_t id, std::string_view value) noexcept;
  // The same for a text of a record, quickly.
  JTRACE_INLINED void record_text(std::uint32_t id, std::string_view value) noexcept {
    char* const start = at;
    if (has_high(copy_text(id, value))) [[unlikely]] *this = text_again(start, id, value);
  }
  void bytes(std::uint32_t id, std::string_view value) noexcept;

  // ── the IDL's structs: a tag is its key, then its value ──

  void text_value(std::string_view value) noexcept;
  void bool_value(bool value) noexcept;
  void double_value(double value) noexcept;
  void binary_value(std::string_view value) noexcept;
  JTRACE_INLINED void long_value(std::uint64_t value) noexcept {
    static constexpr char kFrame[16] = {kI32, 0, 2, 0, 0, 0, kTagLong, kI64, 0, 6};
    std::memcpy(at, kFrame, sizeof kFrame);
    store64(at + 10, value);
    at[18] = 0;
    at += 19;
  }

  // An item that is a tag or a log's field. Each of these returns where the next item begins.
  JTRACE_INLINED const char* tag(const Item& item) noexcept {
    if (item.is_tag(Op::text)) return text_tag(item);
    if (item.is_tag(Op::integer)) return long_tag(item);
    return any_tag(item);
  }
  JTRACE_INLINED const char* text_tag(const Item& item) noexcept {
    char* const start = at;
    const std::uint64_t key = copy_text(1, item.key);
    static constexpr char kFrame[16] = {kI32, 0, 2, 0, 0, 0, kTagString, kString, 0, 3};
    std::memcpy(at, kFrame, sizeof kFrame);
    at += 10;
    const std::uint64_t value = copy_sized(item.bytes());
    u8(0);
    if (has_high(key | value)) [[unlikely]] *this = any_tag(start, item.begin());
    return item.value + item.header.value_size;
  }
  JTRACE_INLINED const char* long_tag(const Item& item) noexcept {
    char* const start = at;
    const std::uint64_t key = copy_text(1, item.key);
    long_value(item.word());
    if (has_high(key)) [[unlikely]] *this = any_tag(start, item.begin());
    return item.value + sizeof item.word();
  }
  JTRACE_INLINED const char* any_tag(const Item& item) noexcept {
    *this = any_tag(at, item.begin());
    return item.end();
  }

  JTRACE_INLINED void reference(std::uint32_t type, std::uint64_t high, std::uint64_t low, std::uint64_t span) noexcept {
    i32_at(at, 1, type);
    ids_at(at + kI32Bytes, high, low, span);
    at += kReferenceBytes;
  }
  // A list of one: the parent's.
  JTRACE_INLINED void parent_reference(std::uint64_t high, std::uint64_t low, std::uint64_t span) noexcept {
    static constexpr char kHead[16] = {kList, 0, 6, kStruct, 0, 0, 0, 1, kI32, 0, 1, 0, 0, 0, kChildOf, kI64};
    std::memcpy(at, kHead, sizeof kHead);
    ids_at(at + kListHead + kI32Bytes, high, low, span);
    at += kListHead + kReferenceBytes;
  }
  static constexpr std::size_t kReferenceBytes = kI32Bytes + 3 * kI64Bytes + 1;

 private:
  JTRACE_INLINED static void ids_at(char* to, std::uint64_t high, std::uint64_t low, std::uint64_t span) noexcept {
    i64_at(to, 2, low);
    i64_at(to + kI64Bytes, 3, high);
    i64_at(to + 2 * kI64Bytes, 4, span);
    to[3 * kI64Bytes] = 0;
  }
  template <class Word>
  JTRACE_INLINED static Word load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  JTRACE_INLINED static std::uint64_t copy_word(char* to, const char* from) noexcept {
    const auto word = load<std::uint64_t>(from);
    std::memcpy(to, &word, sizeof word);
    return word;
  }
  JTRACE_INLINED static bool has_high(std::uint64_t bytes) noexcept { return (bytes & 0x8080808080808080) != 0; }

  // Copies a record's text, up to a word too much, and returns its bytes or-ed together: is one of them not ASCII?
  JTRACE_INLINED static std::uint64_t copy_short(char* to, const char* from, std::size_t size) noexcept {
    // The word that ends where the text ends, moved so that it begins with the text. Twice, since a shift by 64 is none.
    const auto word = load<std::uint64_t>(from + size - 8);
    const std::size_t rest = 56 - 8 * size;
    const std::uint64_t text = kIsLittle ? word >> 8 >> rest : word << 8 << rest;
    std::memcpy(to, &text, sizeof text);
    return text;
  }
  JTRACE_INLINED std::uint64_t copy_text(std::uint32_t id, std::string_view value) noexcept {
    store32(at, field(kString, id));
    at += 3;
    return copy_sized(value);
  }
  JTRACE_INLINED std::uint64_t copy_sized(std::string_view value) noexcept {
    const std::size_t size = value.size();
    store32(at, static_cast<std::uint32_t>(size));
    char* const to = at + 4;
    at = to + size;
    if (size - 8 <= 8) [[likely]] {
      const std::uint64_t first = copy_word(to, value.data());
      return first | copy_word(to + size - 8, value.data() + size - 8);
    }
    return size < 8 ? copy_short(to, value.data(), size) : copy_long(to, value.data(), size);
  }
  static std::uint64_t copy_long(char* to, const char* from, std::size_t size) noexcept;

  static Cursor text_again(char* start, std::uint32_t id, std::string_view value) noexcept;
  static Cursor any_tag(char* to, const char* item) noexcept;
};

#undef JTRACE_INLINED

}  // namespace jtrace::inline v1::detail
