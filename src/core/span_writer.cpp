#include "core/span_writer.h"

#include <algorithm>

#include "core/core.h"
#include "core/leader.h"
#include "core/thread.h"
#include "encode/utf8.h"

namespace jtrace::inline v1::detail {

void SpanWriter::name_slowly(Slot& slot, std::string_view name) noexcept {
  SpanWriter writer(slot);
  slot.head.write = slot.body;
  // A quarter of what the span may have, so that tags find room too.
  const std::size_t most = slot.pipeline->core().max_span_bytes() / 4;
  const std::size_t size = cut_utf8(name, writer.make_room(std::min(name.size(), most)));
  if (size < name.size()) writer.mark_cut();
  slot.record.name_size = static_cast<std::uint32_t>(size);
  writer.append(name.substr(0, size));
}

void SpanWriter::item_slowly(Slot& slot, Op op, std::uint8_t flags, std::string_view key,
                             std::string_view value) noexcept {
  if (const Interface* other = leader()) return other->put_item(&slot.head, op, key, value);
  SpanWriter(slot).append_item(op, flags, key, value);
}

void SpanWriter::word_slowly(Slot& slot, Op op, std::uint8_t flags, std::string_view key,
                             std::uint64_t value) noexcept {
  item_slowly(slot, op, flags, key, {reinterpret_cast<const char*>(&value), sizeof value});
}

void SpanWriter::flag_slowly(Slot& slot, std::uint8_t flags, std::string_view key, bool value) noexcept {
  if (const Interface* other = leader()) return other->put_flag(&slot.head, key, value);
  SpanWriter writer(slot);
  const std::size_t size = sizeof(ItemHeader) + key.size();
  if (writer.make_room(size) < size || key.size() > kMostKeyBytes) return writer.mark_cut();
  const ItemHeader header{Op::boolean, flags, static_cast<std::uint16_t>(key.size()), value ? 1u : 0u};
  writer.append({reinterpret_cast<const char*>(&header), sizeof header});
  writer.append(key);
}

// A follower writes nothing but tags.
void put_item_for_follower(SpanHead* head, Op op, std::string_view key, std::string_view value) noexcept {
  SpanWriter(*slot_of(head)).append_item(op, 0, key, value);
}
void put_flag_for_follower(SpanHead* head, std::string_view key, bool value) noexcept {
  SpanWriter::flag_slowly(*slot_of(head), 0, key, value);
}

// What is cut is extended too: only then it is looked at when it is finished.
std::string_view SpanWriter::within_limit(Op op, std::string_view value) noexcept {
  const std::size_t most = slot_.pipeline->core().max_value_length();
  if (most == 0 || value.size() <= most || (op != Op::text && op != Op::binary)) return value;
  const std::size_t size = op == Op::text ? size_of_characters(value, most) : most;
  if (size == value.size()) return value;
  extend();
  mark_cut();
  return value.substr(0, size);
}

// A value that does not fit is cut, if it is one that can be.
void SpanWriter::append_item(Op op, std::uint8_t flags, std::string_view key, std::string_view value) noexcept {
  value = within_limit(op, value);
  const std::size_t before_value = sizeof(ItemHeader) + key.size();
  const std::size_t made = make_room(before_value + value.size());
  const bool may_be_cut = op == Op::text || op == Op::binary || op == Op::rename;
  const std::size_t least = may_be_cut ? std::min<std::size_t>(value.size(), 1) : value.size();
  if (made < before_value + least || key.size() > kMostKeyBytes) return mark_cut();
  if (made < before_value + value.size()) {
    const std::size_t size = made - before_value;
    value = value.substr(0, op == Op::binary ? size : cut_utf8(value, size));
    mark_cut();
  }
  const ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), static_cast<std::uint32_t>(value.size())};
  append({reinterpret_cast<const char*>(&header), sizeof header});
  append(key);
  append(value);
}

void SpanWriter::extend() noexcept {
  if (slot_.has(Slot::kExtended)) return;
  slot_.head.mode |= Slot::kExtended;
  slot_.last = &slot_;
  slot_.next = nullptr;
  slot_.bytes_before = 0;
}

// How many bytes there is room for, `wanted` if at all possible. The slots that this takes are chained already.
std::size_t SpanWriter::make_room(std::size_t wanted) noexcept {
  if (wanted <= room()) return wanted;
  extend();
  const std::size_t most = slot_.pipeline->core().max_span_bytes();
  const std::size_t used = slot_.bytes_before + static_cast<std::size_t>(slot_.head.write - slot_.last->data());
  if (used + wanted > most) wanted = most > used ? most - used : 0;
  std::size_t made = room();
  Slot* end = slot_.last;
  for (; end->next; end = end->next) made += kSlotData;  // left over from an item that was given up
  if (made < wanted) made += chain(end, wanted - made);
  return std::min(made, wanted);
}

std::size_t SpanWriter::chain(Slot* end, std::size_t wanted) noexcept {
  Thread* thread = idle_thread();
  if (!thread) return 0;
  const Busy busy(*thread);
  ThreadState* state = slot_.pipeline->adopt(*thread);
  std::size_t made = 0;
  for (; state && made < wanted; made += kSlotData) {
    Slot* more = slot_.pipeline->slots().take(state->slots);
    if (!more) break;
    more->next = nullptr;
    end->next = more;
    end = more;
  }
  return made;
}

// make_room has chained what is needed.
void SpanWriter::append(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    if (room() == 0) {
      slot_.bytes_before += kSlotData;
      slot_.last = slot_.last->next;
      slot_.head.write = slot_.last->data();
      slot_.head.limit = slot_.last->data_end();
    }
    const std::size_t part = std::min(room(), bytes.size());
    std::memcpy(slot_.head.write, bytes.data(), part);
    slot_.head.write += part;
    bytes.remove_prefix(part);
  }
}

}  // namespace jtrace::inline v1::detail
