// RecordView: reads a whole record in memory, item by item. Made by whoever drains the queue: the encoder, the
// in-memory recorder. It borrows; the bytes were written by this process and are trusted as far as their commit mark.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/record.h"

namespace jtrace::inline v1::detail {

struct Item {
  ItemHeader header;
  std::string_view key;
  const char* value;

  bool is_field() const noexcept { return (header.flags & kField) != 0; }
  bool is_tag() const noexcept { return header.op <= Op::unsigned_integer && !is_field(); }
  std::string_view bytes() const noexcept { return {value, header.value_size}; }
  std::uint64_t word(std::size_t at = 0) const noexcept {
    std::uint64_t word;
    std::memcpy(&word, value + at * 8, 8);
    return word;
  }
};

class RecordView {
 public:
  // Records lie at multiples of 8.
  explicit RecordView(const char* record) noexcept : record_(record) {}

  const RecordHeader& header() const noexcept { return *reinterpret_cast<const RecordHeader*>(record_); }
  bool has(std::uint32_t flag) const noexcept { return (header().flags & flag) != 0; }
  std::string_view name() const noexcept { return {record_ + sizeof(RecordHeader), header().name_size}; }
  unsigned kind() const noexcept { return header().flags >> kKindShift & 7; }

  // Calls see(item) for each item in turn.
  template <class F>
  void visit(F&& see) const {
    const char* at = record_ + sizeof(RecordHeader) + header().name_size;
    const char* end = record_ + header().size;
    while (static_cast<std::size_t>(end - at) >= sizeof(ItemHeader)) {
      Item item;
      std::memcpy(&item.header, at, sizeof item.header);
      at += sizeof(ItemHeader);
      item.key = {at, item.header.key_size};
      item.value = at + item.header.key_size;
      at = item.value + payload_size(item.header);
      see(item);
    }
  }

  static std::size_t payload_size(const ItemHeader& header) noexcept {
    return header.op == Op::boolean ? 0 : header.value_size;
  }

 private:
  const char* record_;
};

}  // namespace jtrace::inline v1::detail
