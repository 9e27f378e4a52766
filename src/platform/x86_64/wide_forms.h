// Forms: what vpermi2b makes of a record's bytes. Each is a list of 64 numbers, one for each byte that is written:
// below 64 it is the place of a byte in the source (a RecordHeader or an item, from its first byte), from 64 on the
// place of one among the constants, which are 0 … 15, several times over. What a span needs beside its own bytes are
// just these: types and ids.
//
//   name      trace, span and parent ids, then the name's field up to its size
//   parent    the list of references, the parent's alone
//   times     flags, start, duration and the list of tags up to its count; start and duration stand in the last 16 bytes
//             of the constants
//   text      a whole tag, by the size of its key
//   integer   the same up to the value, which is stored by other means, and the zero behind it
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "encode/cursor.h"
#include "record/record.h"

namespace jtrace::inline v1::detail {

using Form = std::array<std::uint8_t, 64>;

class FormWriter {
 public:
  constexpr FormWriter() noexcept { form_.fill(kConstants); }

  constexpr FormWriter& byte(std::uint32_t constant) noexcept { return put(kConstants + constant); }
  constexpr FormWriter& head(std::uint32_t type, std::uint32_t id) noexcept { return byte(type).byte(0).byte(id); }
  // Below 16.
  constexpr FormWriter& number(std::uint32_t value) noexcept { return byte(0).byte(0).byte(0).byte(value); }
  // A number of the source, which has it little-endian.
  constexpr FormWriter& big(std::size_t from, std::size_t size) noexcept {
    for (std::size_t i = size; i-- > 0;) put(from + i);
    return *this;
  }
  constexpr FormWriter& bytes(std::size_t from, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i) put(from + i);
    return *this;
  }
  // All that follows in the source.
  constexpr FormWriter& rest(std::size_t from) noexcept { return bytes(from, form_.size() - size_); }
  constexpr FormWriter& i64(std::uint32_t id, std::size_t from) noexcept { return head(kI64, id).big(from, 8); }

  constexpr operator const Form&() const noexcept { return form_; }

 private:
  static constexpr std::size_t kConstants = 64;

  constexpr FormWriter& put(std::size_t place) noexcept {
    form_[size_++] = static_cast<std::uint8_t>(place);
    return *this;
  }

  Form form_;
  std::size_t size_ = 0;
};

struct alignas(64) WideForms {
  static constexpr std::size_t kNameAt = 51, kParentBytes = 49, kTimesBytes = 37, kListAt = 29;
  static constexpr std::size_t kMostName = 32;  // most names are shorter, and half a store is cheaper than a whole one
  // A tag is loaded and stored at once, with the zero at its end.
  static constexpr std::size_t kTextFrame = 22, kLongFrame = 26, kLongValueAt = 17;
  static constexpr std::size_t kMostText = 64 - kTextFrame;  // key and value together
  static constexpr std::size_t kMostLongKey = 64 - kLongFrame;

  Form constants, name, parent, times;
  std::array<Form, kMostText + 1> text;
  std::array<Form, kMostLongKey + 1> integer;
  // The first n of 64 bytes.
  std::array<std::uint64_t, 65> first;

  constexpr WideForms() noexcept;
};

constexpr WideForms::WideForms() noexcept {
  constexpr std::size_t kHigh = offsetof(RecordHeader, trace_high), kLow = offsetof(RecordHeader, trace_low);
  constexpr std::size_t kSpan = offsetof(RecordHeader, span_id), kParent = offsetof(RecordHeader, parent_id);
  constexpr std::size_t kKeySize = offsetof(ItemHeader, key_size), kValueSize = offsetof(ItemHeader, value_size);
  constexpr std::size_t kStart = 64 + 48, kDuration = 64 + 56;
  using Writer = FormWriter;

  for (std::size_t i = 0; i < 64; ++i) constants[i] = i % 16;
  Writer ids;
  ids.i64(1, kLow).i64(2, kHigh).i64(3, kSpan).i64(4, kParent);
  name = ids.head(kString, 5).big(offsetof(RecordHeader, name_size), 4);
  Writer reference;
  reference.head(kList, 6).byte(kStruct).number(1).head(kI32, 1).number(kChildOf);
  parent = reference.i64(2, kLow).i64(3, kHigh).i64(4, kParent).byte(0);
  Writer stamps;
  stamps.head(kI32, 7).byte(0).byte(0).byte(0).big(offsetof(RecordHeader, flags), 1);
  times = stamps.i64(8, kStart).i64(9, kDuration).head(kList, 10).byte(kStruct);
  for (std::size_t size = 0; size <= kMostText; ++size) {
    Writer tag;
    tag.head(kString, 1).byte(0).byte(0).big(kKeySize, 2).bytes(sizeof(ItemHeader), size).head(kI32, 2);
    text[size] = Writer(tag).number(kTagString).head(kString, 3).big(kValueSize, 4).rest(sizeof(ItemHeader) + size);
    if (size <= kMostLongKey) integer[size] = Writer(tag).number(kTagLong).head(kI64, 6);
  }
  for (std::size_t size = 0; size < 64; ++size) first[size] = (std::uint64_t{1} << size) - 1;
  first[64] = ~std::uint64_t{0};
}

}  // namespace jtrace::inline v1::detail
