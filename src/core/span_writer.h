// SpanWriter: appends items to an open span's record, in its slot and on into further ones.
//
// The usual item fits into what is left of the slot: a header, two short copies, done. Otherwise the bytes go on into
// another slot, as long as the span stays below max_span_bytes and slots are free; a value that does not fit is cut at
// a character, and the span marked as cut. Never waits, allocates or throws.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/slot.h"
#include "jtrace/value.h"
#include "record/record.h"

namespace jtrace::inline v1::detail {

class SpanWriter {
 public:
  explicit SpanWriter(Slot& slot) noexcept : slot_(slot) {}

  void value(std::string_view key, const Value& value, std::uint8_t flags = 0) noexcept {
    switch (value.type()) {
      case Value::Type::text:
        return item(Op::text, flags, key, value.as_text());
      case Value::Type::binary:
        return item(Op::binary, flags, key, value.as_text());
      case Value::Type::boolean:
        return flag(flags, key, value.as_bool());
      case Value::Type::integer:
        return word(Op::integer, flags, key, value.as_unsigned());
      case Value::Type::unsigned_integer:
        return word(Op::unsigned_integer, flags, key, value.as_unsigned());
      case Value::Type::floating: {
        const double floating = value.as_double();
        std::uint64_t bits;
        std::memcpy(&bits, &floating, sizeof bits);
        return word(Op::floating, flags, key, bits);
      }
      case Value::Type::absent:
        return;
    }
  }

  void item(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept {
    const std::size_t size = sizeof(ItemHeader) + key.size() + value.size();
    if (size > room()) [[unlikely]] return item_slowly(op, flags, key, value);
    char* at = header(op, flags, key, static_cast<std::uint32_t>(value.size()));
    copy_bytes(at, value.data(), value.size());
    slot_.write = at + value.size();
  }
  void word(Op op, std::uint8_t flags, std::string_view key, std::uint64_t value) noexcept {
    if (sizeof(ItemHeader) + key.size() + sizeof value > room()) [[unlikely]]
      return item_slowly(op, flags, key, {reinterpret_cast<const char*>(&value), sizeof value});
    char* at = header(op, flags, key, sizeof value);
    std::memcpy(at, &value, sizeof value);
    slot_.write = at + sizeof value;
  }
  void flag(std::uint8_t flags, std::string_view key, bool value) noexcept {
    if (sizeof(ItemHeader) + key.size() > room()) [[unlikely]] return flag_slowly(flags, key, value);
    slot_.write = header(Op::boolean, flags, key, value ? 1 : 0);
  }
  // The operation name, right behind the record's header.
  void name(std::string_view name) noexcept;

 private:
  std::size_t room() const noexcept { return static_cast<std::size_t>(slot_.limit - slot_.write); }
  char* header(Op op, std::uint8_t flags, std::string_view key, std::uint32_t value_size) noexcept {
    const ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), value_size};
    std::memcpy(slot_.write, &header, sizeof header);
    char* at = slot_.write + sizeof header;
    copy_bytes(at, key.data(), key.size());
    return at + key.size();
  }

  void item_slowly(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept;
  void flag_slowly(std::uint8_t flags, std::string_view key, bool value) noexcept;
  std::size_t make_room(std::size_t wanted) noexcept;
  void append(std::string_view bytes) noexcept;
  void mark_cut() noexcept { slot_.record.flags |= kCut; }

  Slot& slot_;
};

}  // namespace jtrace::inline v1::detail
