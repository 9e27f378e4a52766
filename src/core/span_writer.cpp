#include "core/span_writer.h"

#include <algorithm>

#include "core/core.h"
#include "core/thread.h"
#include "encode/utf8.h"

namespace jtrace::inline v1::detail {

void SpanWriter::name(std::string_view name) noexcept {
  if (name.size() > room()) [[unlikely]] {
    // A quarter of what the span may have, so that tags find room too.
    const std::size_t most = slot_.pipeline->core().max_span_bytes() / 4;
    std::size_t size = make_room(std::min(name.size(), most));
    size = cut_utf8(name, std::min(size, most));
    if (size < name.size()) mark_cut();
    slot_.record.name_size = static_cast<std::uint32_t>(size);
    return append(name.substr(0, size));
  }
  slot_.record.name_size = static_cast<std::uint32_t>(name.size());
  copy_bytes(slot_.write, name.data(), name.size());
  slot_.write += name.size();
}

void SpanWriter::item_slowly(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept {
  if (key.size() > kMostKeyBytes) {
    key = key.substr(0, cut_utf8(key, kMostKeyBytes));
    mark_cut();
  }
  const std::size_t before_value = sizeof(ItemHeader) + key.size();
  const std::size_t room_made = make_room(before_value + value.size());
  const bool may_be_cut = op == Op::text || op == Op::binary || op == Op::rename;
  if (room_made < before_value + (may_be_cut ? std::min<std::size_t>(value.size(), 1) : value.size()))
    return mark_cut();
  if (room_made < before_value + value.size()) {
    const std::size_t size = room_made - before_value;
    value = value.substr(0, op == Op::binary ? size : cut_utf8(value, size));
    mark_cut();
  }
  const ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), static_cast<std::uint32_t>(value.size())};
  append({reinterpret_cast<const char*>(&header), sizeof header});
  append(key);
  append(value);
}

void SpanWriter::flag_slowly(std::uint8_t flags, std::string_view key, bool value) noexcept {
  if (key.size() > kMostKeyBytes || make_room(sizeof(ItemHeader) + key.size()) < sizeof(ItemHeader) + key.size())
    return mark_cut();
  const ItemHeader header{Op::boolean, flags, static_cast<std::uint16_t>(key.size()), value ? 1u : 0u};
  append({reinterpret_cast<const char*>(&header), sizeof header});
  append(key);
}

// How many bytes there is room for, `wanted` if at all possible. The slots that this takes are chained already.
std::size_t SpanWriter::make_room(std::size_t wanted) noexcept {
  const std::size_t most = slot_.pipeline->core().max_span_bytes();
  const std::size_t used = slot_.bytes_before + static_cast<std::size_t>(slot_.write - slot_.last->data());
  if (used + wanted > most) wanted = most > used ? most - used : 0;
  std::size_t made = room();
  Thread& thread = this_thread();
  if (made >= wanted || thread.busy != 0) return std::min(made, wanted);
  const Busy busy(thread);
  ThreadState* state = slot_.pipeline->adopt(thread);
  Slot* end = slot_.last;
  for (; end->next; end = end->next) made += kSlotData;  // left over from an item that was given up
  for (; state && made < wanted; made += kSlotData) {
    Slot* more = slot_.pipeline->slots().take(state->slots);
    if (!more) break;
    more->next = nullptr;
    end->next = more;
    end = more;
  }
  return std::min(made, wanted);
}

// make_room has chained what is needed.
void SpanWriter::append(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    if (room() == 0) {
      slot_.bytes_before += kSlotData;
      slot_.last = slot_.last->next;
      slot_.write = slot_.last->data();
      slot_.limit = slot_.last->data_end();
    }
    const std::size_t part = std::min(room(), bytes.size());
    std::memcpy(slot_.write, bytes.data(), part);
    slot_.write += part;
    bytes.remove_prefix(part);
  }
}

}  // namespace jtrace::inline v1::detail
