#include "encode/thrift_binary.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <new>

#include "encode/utf8.h"

namespace jtrace::inline v1::detail {
namespace {

// Thrift's type bytes, in front of a field id, as the first four bytes of a field whose id is below 256.
enum : std::uint32_t { kBool = 0x02, kDouble = 0x04, kI32 = 0x08, kI64 = 0x0a, kString = 0x0b, kStruct = 0x0c, kList = 0x0f };
constexpr std::uint32_t field(std::uint32_t type, std::uint32_t id) { return type << 24 | id << 8; }

// TagType and SpanRefType of the IDL.
enum : std::uint32_t { kTagString, kTagDouble, kTagBool, kTagLong, kTagBinary };
enum : std::uint32_t { kChildOf, kFollowsFrom };

constexpr std::size_t kListHead = 8;      // field, element type, count
constexpr std::size_t kFixedBytes = 512;  // of a span without its items, with a margin
constexpr std::size_t kGrowth = 4;        // an item's bytes on the wire, at most, per byte in the record

constexpr std::string_view kKindKey = "span.kind";
constexpr std::string_view kKinds[] = {"", "client", "server", "producer", "consumer", "internal", "", ""};
constexpr std::string_view kCutKey = "jtrace.cut";
constexpr std::string_view kSamplerTypeKey = "sampler.type";
constexpr std::string_view kSamplerParamKey = "sampler.param";

std::uint32_t big(std::uint32_t value) noexcept {
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}
std::uint64_t big(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

// One bit of 64 for a key; equal keys have equal bits.
std::uint64_t key_bit(std::string_view key) noexcept {
  const std::size_t last = key.empty() ? 0 : static_cast<unsigned char>(key.back());
  return std::uint64_t{1} << ((key.size() * 7 + last) & 63);
}

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Copies and tells whether any byte was not ASCII.
[[gnu::always_inline]] inline bool copy_and_look(char* to, const char* from, std::size_t size) noexcept {
  std::uint64_t all = 0;
  if (size >= 8) {
    std::size_t at = 0;
    std::uint64_t word;
    for (; at + 8 < size; at += 8) {
      std::memcpy(&word, from + at, 8);
      std::memcpy(to + at, &word, 8);
      all |= word;
    }
    std::memcpy(&word, from + size - 8, 8);
    std::memcpy(to + size - 8, &word, 8);
    return ((all | word) & kHighBits) != 0;
  }
  if (size >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    return ((first | last) & static_cast<std::uint32_t>(kHighBits)) != 0;
  }
  for (std::size_t i = 0; i < size; ++i) all |= static_cast<unsigned char>(to[i] = from[i]);
  return (all & 0x80) != 0;
}

// In place of a text that is not ASCII and may not be UTF-8: its size on the wire.
[[gnu::noinline]] std::size_t put_repaired(char* to, std::string_view text) noexcept {
  return is_valid_utf8(text) ? text.size() : repair_utf8(text, to);
}

std::int64_t micros(std::int64_t nanoseconds) noexcept { return nanoseconds / 1000; }

}  // namespace

// Writes without looking at bounds: append() has made room for the worst. It lives in a register: what is called often is
// inlined, and what is not takes it by value and gives it back.
struct ThriftBinaryEncoder::Cursor {
  char* at;

#define JTRACE_INLINED [[gnu::always_inline]]
  JTRACE_INLINED static void store32(char* to, std::uint32_t value) noexcept {
    value = big(value);
    std::memcpy(to, &value, 4);
  }
  JTRACE_INLINED static void store64(char* to, std::uint64_t value) noexcept {
    value = big(value);
    std::memcpy(to, &value, 8);
  }
  // A field at a place: 3 bytes in front (a fourth is written and overwritten), then the value.
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
  static constexpr std::size_t kI64Bytes = 11, kI32Bytes = 7;

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
  JTRACE_INLINED void list(std::uint32_t id, std::uint32_t count) noexcept {
    list_at(at, id, count);
    at += kListHead;
  }
  JTRACE_INLINED void raw(std::string_view bytes) noexcept {
    copy_bytes(at, bytes.data(), bytes.size());
    at += bytes.size();
  }
  JTRACE_INLINED void bytes(std::uint32_t id, std::string_view value) noexcept {
    store32(at, field(kString, id));
    store32(at + 3, static_cast<std::uint32_t>(value.size()));
    at += 7;
    raw(value);
  }
  JTRACE_INLINED void text(std::uint32_t id, std::string_view value) noexcept {
    store32(at, field(kString, id));
    store32(at + 3, static_cast<std::uint32_t>(value.size()));
    std::size_t size = value.size();
    if (copy_and_look(at + 7, value.data(), size)) [[unlikely]] {
      size = put_repaired(at + 7, value);
      store32(at + 3, static_cast<std::uint32_t>(size));
    }
    at += 7 + size;
  }
  JTRACE_INLINED void tag_head(std::string_view key, std::uint32_t type) noexcept {
    text(1, key);
    i32(2, type);
  }
  JTRACE_INLINED void text_tag(std::string_view key, std::string_view value) noexcept {
    tag_head(key, kTagString);
    text(3, value);
    u8(0);
  }
  JTRACE_INLINED void long_tag(std::string_view key, std::uint64_t value) noexcept {
    tag_head(key, kTagLong);
    i64_at(at, 6, value);
    at[kI64Bytes] = 0;
    at += kI64Bytes + 1;
  }
  void bool_tag(std::string_view key, bool value) noexcept {
    tag_head(key, kTagBool);
    head(field(kBool, 5));
    u8(value ? 1 : 0);
    u8(0);
  }
  void double_tag(std::string_view key, double value) noexcept {
    tag_head(key, kTagDouble);
    head(field(kDouble, 4));
    store64(at, std::bit_cast<std::uint64_t>(value));
    at += 8;
    u8(0);
  }
  JTRACE_INLINED void tag(const Item& item) noexcept {
    if (item.header.op == Op::text) return text_tag(item.key, item.bytes());
    if (item.header.op == Op::integer) return long_tag(item.key, item.word());
    *this = rare_tag(*this, item);
  }
  [[gnu::noinline]] static Cursor rare_tag(Cursor out, const Item& item) noexcept {
    if (item.header.op == Op::boolean) {
      out.bool_tag(item.key, item.header.value_size != 0);
    } else if (item.header.op == Op::floating) {
      out.double_tag(item.key, std::bit_cast<double>(item.word()));
    } else if (item.header.op == Op::binary) {
      out.tag_head(item.key, kTagBinary);
      out.bytes(7, item.bytes());
      out.u8(0);
    } else if (item.header.op == Op::unsigned_integer) {
      char digits[20];
      const char* end = std::to_chars(digits, digits + sizeof digits, item.word()).ptr;
      out.text_tag(item.key, {digits, static_cast<std::size_t>(end - digits)});
    }
    return out;
  }
  JTRACE_INLINED void reference(std::uint32_t type, std::uint64_t high, std::uint64_t low, std::uint64_t span) noexcept {
    i32_at(at, 1, type);
    i64_at(at + kI32Bytes, 2, low);
    i64_at(at + kI32Bytes + kI64Bytes, 3, high);
    i64_at(at + kI32Bytes + 2 * kI64Bytes, 4, span);
    at[kI32Bytes + 3 * kI64Bytes] = 0;
    at += kI32Bytes + 3 * kI64Bytes + 1;
  }
#undef JTRACE_INLINED
};

ThriftBinaryEncoder::ThriftBinaryEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags,
                                         const Sampler& sampler, std::size_t max_batch_bytes)
    : max_batch_bytes_(max_batch_bytes) {
  std::size_t bound = kFixedBytes + kGrowth * service_name.size();
  for (const ProcessTag& tag : tags) bound += 64 + kGrowth * (tag.key.size() + tag.value.size());
  head_.resize(bound);
  Cursor out{head_.data()};
  out.head(field(kStruct, 1));
  out.text(1, service_name);
  if (!tags.empty()) {
    out.list(2, static_cast<std::uint32_t>(tags.size()));
    for (const ProcessTag& tag : tags) out.text_tag(tag.key, tag.value);
  }
  out.u8(0);
  out.list(2, 0);
  head_.resize(static_cast<std::size_t>(out.at - head_.data()));

  sampler_type_ = encoded([&](Cursor& tag) { tag.text_tag(kSamplerTypeKey, sampler.name()); });
  sampler_param_ = encoded([&](Cursor& tag) {
    if (sampler.type() == Sampler::Type::constant) return tag.bool_tag(kSamplerParamKey, sampler.param() != 0);
    tag.double_tag(kSamplerParamKey, sampler.param());
  });
}

template <class Put>
std::string ThriftBinaryEncoder::encoded(Put&& put) {
  char bytes[kFixedBytes / 4];
  Cursor out{bytes};
  put(out);
  return std::string(bytes, out.at);
}

bool ThriftBinaryEncoder::begin(Batch& batch) const noexcept {
  batch.clear();
  if (!batch.body.reserve(head_.size() + 1)) return false;
  std::memcpy(batch.body.data(), head_.data(), head_.size());
  batch.body.resize(head_.size());
  return true;
}

ThriftBinaryEncoder::Result ThriftBinaryEncoder::append(Batch& batch, const char* record, TickMap& time) noexcept {
  const RecordView view(record);
  const std::size_t bound = kFixedBytes + kGrowth * view.header().size;
  char* at = batch.body.reserve(bound);
  if (!at) return Result::no_memory;
  try {
    at = put_span(at, view, time);
  } catch (const std::bad_alloc&) {
    return Result::no_memory;
  }
  const auto size = static_cast<std::size_t>(at - batch.body.data());
  if (size + 1 > max_batch_bytes_) return batch.spans == 0 ? Result::too_large : Result::full;
  batch.body.resize(size);
  ++batch.spans;
  return Result::appended;
}

void ThriftBinaryEncoder::end(Batch& batch) const noexcept {
  Cursor::store32(batch.body.data() + head_.size() - 4, batch.spans);
  if (char* at = batch.body.reserve(1)) {
    *at = 0;
    batch.body.resize(batch.body.size() + 1);
  }
}

char* ThriftBinaryEncoder::put_span(char* to, const RecordView& record, TickMap& time) {
  const RecordHeader& header = record.header();
  Cursor::i64_at(to, 1, header.trace_low);
  Cursor::i64_at(to + Cursor::kI64Bytes, 2, header.trace_high);
  Cursor::i64_at(to + 2 * Cursor::kI64Bytes, 3, header.span_id);
  Cursor::i64_at(to + 3 * Cursor::kI64Bytes, 4, header.parent_id);
  Cursor out{to + 4 * Cursor::kI64Bytes};
  out.text(5, record.has(kRenamed) ? last_name(record) : record.name());
  if (record.has(kHasLinks)) [[unlikely]] {
    out = put_links(out, record);
  } else if (header.parent_id != 0) {
    out.list(6, 1);
    out.reference(kChildOf, header.trace_high, header.trace_low, header.parent_id);
  }

  const std::int64_t start = micros(record.has(kStartIsWall) ? static_cast<std::int64_t>(header.start) : time.wall(header.start));
  const std::int64_t end = micros(record.has(kEndIsWall) ? static_cast<std::int64_t>(header.end) : time.wall(header.end));
  out.i32(7, header.flags & kJaegerFlags);
  out.i64(8, static_cast<std::uint64_t>(start));
  out.i64(9, static_cast<std::uint64_t>(std::max<std::int64_t>(end - start, 1)));

  char* tags = out.at;
  std::uint32_t count = 0;
  out.at += kListHead;
  if (!put_distinct_tags(out, record, count)) [[unlikely]]
    out = put_last_tags({tags + kListHead}, record, count);
  Cursor::list_at(tags, 10, count);
  if (count == 0) out.at = tags;
  if (record.has(kHasLogs)) out = put_logs(out, record, time);
  out.u8(0);
  return out.at;
}

std::string_view ThriftBinaryEncoder::last_name(const RecordView& record) noexcept {
  std::string_view name = record.name();
  record.visit([&](const Item& item) {
    if (item.header.op == Op::rename) name = item.bytes();
  });
  return name;
}

ThriftBinaryEncoder::Cursor ThriftBinaryEncoder::put_links(Cursor out, const RecordView& record) noexcept {
  const RecordHeader& header = record.header();
  char* list = out.at;
  std::uint32_t count = 0;
  out.at += kListHead;
  if (header.parent_id != 0) {
    out.reference(kChildOf, header.trace_high, header.trace_low, header.parent_id);
    ++count;
  }
  record.visit([&](const Item& item) {
    if (item.header.op != Op::follows_from) return;
    out.reference(kFollowsFrom, item.word(0), item.word(1), item.word(2));
    ++count;
  });
  Cursor::list_at(list, 6, count);
  return out;
}

// The usual span has each key once. False: it may not be so, and nothing that was written counts.
[[gnu::always_inline]] inline bool ThriftBinaryEncoder::put_distinct_tags(Cursor& out, const RecordView& record,
                                                                          std::uint32_t& count) const noexcept {
  std::uint64_t seen = 0;
  if ((record.header().flags & (kNewTrace | kCut | 7u << kKindShift)) != 0) {
    seen = own_keys(record);
    out = put_own_tags(out, record, count, nullptr);
  }
  bool distinct = true;
  record.visit([&](const Item& item) {
    if (!item.is_tag() || !distinct) return;
    const std::uint64_t bit = key_bit(item.key);
    if ((seen & bit) != 0 && !is_new_key(record, item)) [[unlikely]] {
      distinct = false;
      return;
    }
    seen |= bit;
    out.tag(item);
    ++count;
  });
  return distinct;
}

std::uint64_t ThriftBinaryEncoder::own_keys(const RecordView& record) noexcept {
  std::uint64_t keys = 0;
  if (record.has(kNewTrace)) keys |= key_bit(kSamplerTypeKey) | key_bit(kSamplerParamKey);
  if (record.kind() != 0) keys |= key_bit(kKindKey);
  if (record.has(kCut)) keys |= key_bit(kCutKey);
  return keys;
}

// Two keys share a bit: are they the same? Looks at a few tags at most; with more of them the answer is "perhaps".
bool ThriftBinaryEncoder::is_new_key(const RecordView& record, const Item& item) noexcept {
  constexpr int kMost = 32;
  for (const std::string_view own : {kSamplerTypeKey, kSamplerParamKey, kKindKey, kCutKey}) {
    if (item.key == own) return false;
  }
  int before = 0;
  bool is_new = true, is_reached = false;
  record.visit([&](const Item& other) {
    is_reached = is_reached || other.value == item.value;
    if (is_reached || !other.is_tag()) return;
    is_new = is_new && ++before <= kMost && other.key != item.key;
  });
  return is_new;
}

ThriftBinaryEncoder::Cursor ThriftBinaryEncoder::put_last_tags(Cursor out, const RecordView& record,
                                                               std::uint32_t& count) {
  last_of_key_.clear();
  record.visit([&](const Item& item) {
    if (item.is_tag()) last_of_key_[item.key] = item;
  });
  count = 0;
  out = put_own_tags(out, record, count, &last_of_key_);
  record.visit([&](const Item& item) {
    if (!item.is_tag()) return;
    const auto last = last_of_key_.find(item.key);
    if (last == last_of_key_.end()) return;
    out.tag(last->second);
    ++count;
    last_of_key_.erase(last);
  });
  return out;
}

// The tags that the library sets itself; what the user set under the same key counts instead.
ThriftBinaryEncoder::Cursor ThriftBinaryEncoder::put_own_tags(Cursor out, const RecordView& record,
                                                              std::uint32_t& count, const TagMap* beaten_by) const {
  const auto free = [&](std::string_view key) { return !beaten_by || !beaten_by->contains(key); };
  const auto put = [&](std::string_view encoded) {
    out.raw(encoded);
    ++count;
  };
  if (record.has(kNewTrace) && free(kSamplerTypeKey)) put(sampler_type_);
  if (record.has(kNewTrace) && free(kSamplerParamKey)) put(sampler_param_);
  if (record.kind() != 0 && free(kKindKey)) {
    out.text_tag(kKindKey, kKinds[record.kind()]);
    ++count;
  }
  if (record.has(kCut) && free(kCutKey)) {
    out.bool_tag(kCutKey, true);
    ++count;
  }
  return out;
}

ThriftBinaryEncoder::Cursor ThriftBinaryEncoder::put_logs(Cursor out, const RecordView& record,
                                                          TickMap& time) noexcept {
  char* list = out.at;
  out.at += kListHead;
  std::uint32_t logs = 0, fields = 0;
  char* fields_at = nullptr;
  const auto close_log = [&] {
    if (!fields_at) return;
    Cursor::list_at(fields_at, 2, fields);
    out.u8(0);
  };
  record.visit([&](const Item& item) {
    if (item.header.op == Op::log) {
      close_log();
      const std::uint64_t stamp = item.word();
      const bool is_wall = (item.header.flags & kWall) != 0;
      out.i64(1, static_cast<std::uint64_t>(micros(is_wall ? static_cast<std::int64_t>(stamp) : time.wall(stamp))));
      fields_at = out.at;
      out.at += kListHead;
      fields = 0;
      ++logs;
    } else if (item.is_field() && fields_at) {
      out.tag(item);
      ++fields;
    }
  });
  close_log();
  Cursor::list_at(list, 11, logs);
  return out;
}

}  // namespace jtrace::inline v1::detail
