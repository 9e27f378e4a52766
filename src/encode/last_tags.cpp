#include "encode/last_tags.h"

namespace jtrace::inline v1::detail {

bool LastTags::is_new_key(RecordView record, const char* at) noexcept {
  constexpr int kMost = 32;
  const std::string_view key = Item(at).key;
  if (OwnTags::is_own(key)) return false;
  int before = 0;
  for (const char* other_at = record.items(); other_at != at;) {
    const Item other(other_at);
    if (other.is_tag() && (++before > kMost || other.key == key)) return false;
    other_at = other.end();
  }
  return true;
}

char* LastTags::put(char* list, RecordView record, const OwnTags& own) {
  last_of_key_.clear();
  record.visit([&](const Item& item) {
    if (item.is_tag()) last_of_key_.insert_or_assign(item.key, item);
  });
  Tags tags{{list + Cursor::kListHead}};
  own.put_others(tags, record, [&](std::string_view key) { return last_of_key_.contains(key); });
  record.visit([&](const Item& item) {
    if (!item.is_tag()) return;
    const auto last = last_of_key_.find(item.key);
    if (last == last_of_key_.end()) return;
    tags.out.tag(last->second);
    ++tags.count;
    last_of_key_.erase(last);
  });
  Cursor::list_at(list, 10, tags.count);
  return tags.count != 0 ? tags.out.at : list;
}

}  // namespace jtrace::inline v1::detail
