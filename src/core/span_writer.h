// SpanWriter: appends items to an open span's record, in its slot and on into further ones.
//
// The usual item fits into what is left of the slot: a header, two short copies, done. Otherwise the bytes go on into
// another slot, as long as the span stays below max_span_bytes and slots are free; a value that does not fit is cut at
// a character, and the span marked as cut. Never waits, allocates or throws.
#pragma once

#include <bit>
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
      case Value::Type::floating:
        return word(Op::floating, flags, key, std::bit_cast<std::uint64_t>(value.as_double()));
      case Value::Type::absent:
        return;
    }
  }

  // Each of these is a few instructions where key and value are short and fit, and a call where not.
  void item(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept {
    const bool is_short = key.size() <= kShortBytes && value.size() <= kShortBytes;
    if (!is_short || sizeof(ItemHeader) + key.size() + value.size() > room()) [[unlikely]]
      return item_slowly(slot_, op, flags, key, value);
    char* at = header(op, flags, key, static_cast<std::uint32_t>(value.size()));
    copy_short(at, value.data(), value.size());
    slot_.head.write = at + value.size();
  }
  void word(Op op, std::uint8_t flags, std::string_view key, std::uint64_t value) noexcept {
    if (key.size() > kShortBytes || sizeof(ItemHeader) + key.size() + sizeof value > room()) [[unlikely]]
      return word_slowly(slot_, op, flags, key, value);
    char* at = header(op, flags, key, sizeof value);
    std::memcpy(at, &value, sizeof value);
    slot_.head.write = at + sizeof value;
  }
  void flag(std::uint8_t flags, std::string_view key, bool value) noexcept {
    if (key.size() > kShortBytes || sizeof(ItemHeader) + key.size() > room()) [[unlikely]]
      return flag_slowly(slot_, flags, key, value);
    slot_.head.write = header(Op::boolean, flags, key, value ? 1 : 0);
  }
  // The operation name, right behind the record's header; before anything else.
  void name(std::string_view name) noexcept {
    if (name.size() > kShortBytes) [[unlikely]] return name_slowly(slot_, name);
    short_name(name);
  }
  void short_name(std::string_view name) noexcept {
    slot_.record.name_size = static_cast<std::uint32_t>(name.size());
    copy_short(slot_.body, name.data(), name.size());
    slot_.head.write = slot_.body + name.size();
  }

 private:
  std::size_t room() const noexcept { return static_cast<std::size_t>(slot_.head.limit - slot_.head.write); }
  char* header(Op op, std::uint8_t flags, std::string_view key, std::uint32_t value_size) noexcept {
    char* at = slot_.head.write;
    const ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), value_size};
    std::memcpy(at, &header, sizeof header);
    copy_short(at + sizeof header, key.data(), key.size());
    return at + sizeof header + key.size();
  }

  friend void put_item_for_follower(SpanHead*, Op, std::string_view key, std::string_view value) noexcept;
  friend void put_flag_for_follower(SpanHead*, std::string_view key, bool value) noexcept;
  static void item_slowly(Slot&, Op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept;
  static void word_slowly(Slot&, Op, std::uint8_t flags, std::string_view key, std::uint64_t value) noexcept;
  static void flag_slowly(Slot&, std::uint8_t flags, std::string_view key, bool value) noexcept;
  static void name_slowly(Slot&, std::string_view name) noexcept;
  void append_item(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept;
  std::size_t make_room(std::size_t wanted) noexcept;
  std::size_t chain(Slot* end, std::size_t wanted) noexcept;
  void append(std::string_view bytes) noexcept;
  void extend() noexcept;
  void mark_cut() noexcept { slot_.record.flags |= kCut; }
  std::string_view within_limit(Op op, std::string_view value) noexcept;

  Slot& slot_;
};

// The boolean tag and the log of an error; kind and message may be empty.
void put_error(Slot& slot, std::string_view kind, std::string_view message) noexcept;

}  // namespace jtrace::inline v1::detail
