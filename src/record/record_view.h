// RecordView: reads a whole record in memory, item by item. Made by whoever drains the queue: the encoder, the
// in-memory recorder. It borrows; the bytes were written by this process and are trusted as far as their commit mark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/record.h"

namespace jtrace::inline v1::detail {

struct Item {
  ItemHeader header;
  std::string_view key;
  const char* value;

  explicit Item(const char* at) noexcept {
    // Member by member: what is looked at is loaded, and nothing else.
    std::memcpy(&header.op, at + offsetof(ItemHeader, op), sizeof header.op);
    std::memcpy(&header.flags, at + offsetof(ItemHeader, flags), sizeof header.flags);
    std::memcpy(&header.key_size, at + offsetof(ItemHeader, key_size), sizeof header.key_size);
    std::memcpy(&header.value_size, at + offsetof(ItemHeader, value_size), sizeof header.value_size);
    key = {at + sizeof header, header.key_size};
    value = key.data() + key.size();
  }

  bool is_field() const noexcept { return (header.flags & kField) != 0; }
  bool is_tag() const noexcept { return kind() <= static_cast<unsigned>(Op::unsigned_integer); }
  // Is it a tag of this type?
  bool is_tag(Op op) const noexcept { return kind() == static_cast<unsigned>(op); }
  std::string_view bytes() const noexcept { return {value, header.value_size}; }
  std::uint64_t word(std::size_t at = 0) const noexcept {
    std::uint64_t word;
    std::memcpy(&word, value + at * 8, 8);
    return word;
  }
  // Of an empty key it is the last byte of the header instead: 0, as long as the record is smaller than kVast.
  unsigned char last_of_key() const noexcept { return static_cast<unsigned char>(value[-1]); }
  static constexpr std::size_t kVast = 1 << 24;
  // Its first byte in the record, and where the next one begins.
  const char* begin() const noexcept { return key.data() - sizeof header; }
  const char* end() const noexcept { return value + (is(Op::boolean) ? 0 : header.value_size); }

 private:
  // Both bytes at once; a tag's flags are 0.
  bool is(Op op) const noexcept { return (kind() & 0xff) == static_cast<unsigned>(op); }
  unsigned kind() const noexcept { return static_cast<unsigned>(header.op) | unsigned{header.flags} << 8; }
};

// Whole records one after the other, as they lie in a chunk. Whoever reads them moves `at`.
struct Run {
  const char* at;
  const char* end;  // records that begin before it

  bool is_read() const noexcept { return at >= end; }
};

class RecordView {
 public:
  // Records lie at multiples of 8.
  explicit RecordView(const char* record) noexcept : record_(record) {}

  const RecordHeader& header() const noexcept { return *reinterpret_cast<const RecordHeader*>(record_); }
  bool has(std::uint32_t flag) const noexcept { return (header().flags & flag) != 0; }
  std::string_view name() const noexcept { return {record_ + sizeof(RecordHeader), header().name_size}; }
  bool is(Op op) const noexcept { return (kind() & 0xff) == static_cast<unsigned>(op); }
  unsigned kind() const noexcept { return header().flags >> kKindShift & 7; }

  // Where the first item begins, and how far back one can; what is behind that is padding, shorter than an item's header.
  const char* items() const noexcept { return record_ + sizeof(RecordHeader) + header().name_size; }
  const char* last_item() const noexcept { return record_ + header().size - sizeof(ItemHeader); }

  // Calls see(item) for each item in turn.
  template <class F>
  void visit(F&& see) const {
    for (const char *at = items(), *const last = last_item(); at <= last;) {
      const Item item(at);
      see(item);
      at = item.end();
    }
  }

 private:
  const char* record_;
};

}  // namespace jtrace::inline v1::detail
