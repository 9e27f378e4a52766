#include "encode/cursor.h"

#include <charconv>

#include "encode/utf8.h"

namespace jtrace::inline v1::detail {

void Cursor::text(std::uint32_t id, std::string_view value) noexcept {
  char* const to = at + 7;
  std::size_t size = value.size();
  if (is_valid_utf8(value)) {
    std::memcpy(to, value.data(), size);
  } else {
    size = repair_utf8(value, to);
  }
  store32(at, field(kString, id));
  store32(at + 3, static_cast<std::uint32_t>(size));
  at = to + size;
}

void Cursor::bytes(std::uint32_t id, std::string_view value) noexcept {
  store32(at, field(kString, id));
  store32(at + 3, static_cast<std::uint32_t>(value.size()));
  std::memcpy(at + 7, value.data(), value.size());
  at += 7 + value.size();
}

void Cursor::text_value(std::string_view value) noexcept {
  i32(2, kTagString);
  text(3, value);
  u8(0);
}

void Cursor::bool_value(bool value) noexcept {
  i32(2, kTagBool);
  head(field(kBool, 5));
  u8(value ? 1 : 0);
  u8(0);
}

void Cursor::double_value(double value) noexcept {
  i32(2, kTagDouble);
  head(field(kDouble, 4));
  store64(at, std::bit_cast<std::uint64_t>(value));
  at += 8;
  u8(0);
}

void Cursor::binary_value(std::string_view value) noexcept {
  i32(2, kTagBinary);
  bytes(7, value);
  u8(0);
}

// Sixteen bytes at a time; the last sixteen may overlap those before.
std::uint64_t Cursor::copy_long(char* to, const char* from, std::size_t size) noexcept {
  std::uint64_t all = 0;
  for (std::size_t at = 0; at < size - 16; at += 16)
    all |= copy_word(to + at, from + at) | copy_word(to + at + 8, from + at + 8);
  return all | copy_word(to + size - 16, from + size - 16) | copy_word(to + size - 8, from + size - 8);
}

Cursor Cursor::text_again(char* start, std::uint32_t id, std::string_view value) noexcept {
  Cursor out{start};
  out.text(id, value);
  return out;
}

Cursor Cursor::any_tag(char* to, const char* at) noexcept {
  const Item item(at);
  Cursor out{to};
  out.record_text(1, item.key);
  switch (item.header.op) {
    case Op::text:
      out.text_value(item.bytes());
      break;
    case Op::integer:
      out.long_value(item.word());
      break;
    case Op::boolean:
      out.bool_value(item.header.value_size != 0);
      break;
    case Op::floating:
      out.double_value(std::bit_cast<double>(item.word()));
      break;
    case Op::binary:
      out.binary_value(item.bytes());
      break;
    default: {  // unsigned_integer, which the IDL has no type for
      char digits[20];
      const char* const end = std::to_chars(digits, digits + sizeof digits, item.word()).ptr;
      out.text_value({digits, static_cast<std::size_t>(end - digits)});
    }
  }
  return out;
}

}  // namespace jtrace::inline v1::detail
