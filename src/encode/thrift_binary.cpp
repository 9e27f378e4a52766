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
  const std::size_t size = key.size();
  if (size == 0) return 1;
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(key[i])); };
  return std::uint64_t{1} << ((size * 5 + at(0) * 3 + at(size / 2) * 7 + at(size - 1) * 11) & 63);
}

bool has_high_bit(const char* text, std::size_t size) noexcept {
  std::uint64_t all = 0, part = 0;
  if (size >= 8) {
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
      std::memcpy(&part, text + at, 8);
      all |= part;
    }
    std::memcpy(&part, text + size - 8, 8);
    return ((all | part) & 0x8080808080808080) != 0;
  }
  for (std::size_t i = 0; i < size; ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x80) != 0;
}

std::int64_t micros(std::int64_t nanoseconds) noexcept { return nanoseconds / 1000; }

}  // namespace

// Writes without looking at bounds: append() has made room for the worst.
struct ThriftBinaryEncoder::Cursor {
  char* at;

  void u8(char value) noexcept { *at++ = value; }
  void u32(std::uint32_t value) noexcept {
    value = big(value);
    std::memcpy(at, &value, 4);
    at += 4;
  }
  void u64(std::uint64_t value) noexcept {
    value = big(value);
    std::memcpy(at, &value, 8);
    at += 8;
  }
  // The three bytes in front of a field; a fourth is written and overwritten.
  void head(std::uint32_t field) noexcept {
    field = big(field);
    std::memcpy(at, &field, 4);
    at += 3;
  }
  void i64(std::uint32_t id, std::uint64_t value) noexcept {
    head(field(kI64, id));
    u64(value);
  }
  void i32(std::uint32_t id, std::uint32_t value) noexcept {
    head(field(kI32, id));
    u32(value);
  }
  void list(std::uint32_t id, std::uint32_t count) noexcept {
    u32(field(kList, id) | kStruct);
    u32(count);
  }
  void raw(std::string_view bytes) noexcept {
    copy_bytes(at, bytes.data(), bytes.size());
    at += bytes.size();
  }
  void bytes(std::uint32_t id, std::string_view value) noexcept {
    head(field(kString, id));
    u32(static_cast<std::uint32_t>(value.size()));
    raw(value);
  }
  void text(std::uint32_t id, std::string_view value) noexcept {
    if (has_high_bit(value.data(), value.size()) && !is_valid_utf8(value)) [[unlikely]] {
      head(field(kString, id));
      const std::size_t size = repair_utf8(value, at + 4);
      u32(static_cast<std::uint32_t>(size));
      at += size;
    } else {
      bytes(id, value);
    }
  }
  void tag_head(std::string_view key, std::uint32_t type) noexcept {
    text(1, key);
    i32(2, type);
  }
  void text_tag(std::string_view key, std::string_view value) noexcept {
    tag_head(key, kTagString);
    text(3, value);
    u8(0);
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
    u64(std::bit_cast<std::uint64_t>(value));
    u8(0);
  }
  void tag(const Item& item) noexcept {
    switch (item.header.op) {
      case Op::text:
        return text_tag(item.key, item.bytes());
      case Op::integer:
        tag_head(item.key, kTagLong);
        i64(6, item.word());
        return u8(0);
      case Op::boolean:
        return bool_tag(item.key, item.header.value_size != 0);
      case Op::floating:
        return double_tag(item.key, std::bit_cast<double>(item.word()));
      case Op::binary:
        tag_head(item.key, kTagBinary);
        bytes(7, item.bytes());
        return u8(0);
      case Op::unsigned_integer: {
        char digits[20];
        const char* end = std::to_chars(digits, digits + sizeof digits, item.word()).ptr;
        return text_tag(item.key, {digits, static_cast<std::size_t>(end - digits)});
      }
      default:
        return;
    }
  }
  void reference(std::uint32_t type, std::uint64_t high, std::uint64_t low, std::uint64_t span) noexcept {
    i32(1, type);
    i64(2, low);
    i64(3, high);
    i64(4, span);
    u8(0);
  }
  static void patch(char* where, std::uint32_t value) noexcept {
    value = big(value);
    std::memcpy(where, &value, 4);
  }
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
  Cursor out{at};
  try {
    put_span(out, view, time);
  } catch (const std::bad_alloc&) {
    return Result::no_memory;
  }
  const std::size_t size = static_cast<std::size_t>(out.at - batch.body.data());
  if (size + 1 > max_batch_bytes_) return batch.spans == 0 ? Result::too_large : Result::full;
  batch.body.resize(size);
  ++batch.spans;
  return Result::appended;
}

void ThriftBinaryEncoder::end(Batch& batch) const noexcept {
  Cursor::patch(batch.body.data() + head_.size() - 4, batch.spans);
  if (char* at = batch.body.reserve(1)) {
    *at = 0;
    batch.body.resize(batch.body.size() + 1);
  }
}

void ThriftBinaryEncoder::put_span(Cursor& out, const RecordView& record, TickMap& time) {
  const RecordHeader& header = record.header();
  out.i64(1, header.trace_low);
  out.i64(2, header.trace_high);
  out.i64(3, header.span_id);
  out.i64(4, header.parent_id);

  std::string_view name = record.name();
  if (record.has(kRenamed)) {
    record.visit([&](const Item& item) {
      if (item.header.op == Op::rename) name = item.bytes();
    });
  }
  out.text(5, name);
  if (header.parent_id != 0 || record.has(kHasLinks)) put_references(out, record);

  const auto wall = [&](std::uint64_t stamp, std::uint32_t flag) {
    return micros(record.has(flag) ? static_cast<std::int64_t>(stamp) : time.wall(stamp));
  };
  const std::int64_t start = wall(header.start, kStartIsWall);
  const std::int64_t end = wall(header.end, kEndIsWall);
  out.i32(7, header.flags & kJaegerFlags);
  out.i64(8, static_cast<std::uint64_t>(start));
  out.i64(9, static_cast<std::uint64_t>(std::max<std::int64_t>(end - start, 1)));
  put_tags(out, record);
  if (record.has(kHasLogs)) put_logs(out, record, time);
  out.u8(0);
}

void ThriftBinaryEncoder::put_references(Cursor& out, const RecordView& record) const noexcept {
  const RecordHeader& header = record.header();
  char* count_at = out.at + kListHead - 4;
  std::uint32_t count = 0;
  out.list(6, 0);
  if (header.parent_id != 0) {
    out.reference(kChildOf, header.trace_high, header.trace_low, header.parent_id);
    ++count;
  }
  if (record.has(kHasLinks)) {
    record.visit([&](const Item& item) {
      if (item.header.op != Op::follows_from) return;
      out.reference(kFollowsFrom, item.word(0), item.word(1), item.word(2));
      ++count;
    });
  }
  Cursor::patch(count_at, count);
}

// The usual span has each key once: a first try notices when that may not be so.
void ThriftBinaryEncoder::put_tags(Cursor& out, const RecordView& record) {
  char* begin = out.at;
  out.list(10, 0);
  std::uint32_t count = 0;
  if (!put_distinct_tags(out, record, count)) [[unlikely]] {
    out.at = begin + kListHead;
    count = put_last_tags(out, record);
  }
  if (count == 0) {
    out.at = begin;
  } else {
    Cursor::patch(begin + kListHead - 4, count);
  }
}

bool ThriftBinaryEncoder::put_distinct_tags(Cursor& out, const RecordView& record, std::uint32_t& count) const noexcept {
  std::uint64_t seen = 0;
  if (record.has(kNewTrace)) seen |= key_bit(kSamplerTypeKey) | key_bit(kSamplerParamKey);
  if (record.kind() != 0) seen |= key_bit(kKindKey);
  if (record.has(kCut)) seen |= key_bit(kCutKey);
  put_own_tags(out, record, count, nullptr);
  bool distinct = true;
  record.visit([&](const Item& item) {
    if (!item.is_tag() || !distinct) return;
    const std::uint64_t bit = key_bit(item.key);
    distinct = (seen & bit) == 0;
    seen |= bit;
    if (distinct) {
      out.tag(item);
      ++count;
    }
  });
  return distinct;
}

std::uint32_t ThriftBinaryEncoder::put_last_tags(Cursor& out, const RecordView& record) {
  last_of_key_.clear();
  record.visit([&](const Item& item) {
    if (item.is_tag()) last_of_key_[item.key] = item;
  });
  std::uint32_t count = 0;
  put_own_tags(out, record, count, &last_of_key_);
  record.visit([&](const Item& item) {
    if (!item.is_tag()) return;
    const auto last = last_of_key_.find(item.key);
    if (last == last_of_key_.end()) return;
    out.tag(last->second);
    ++count;
    last_of_key_.erase(last);
  });
  return count;
}

// The tags that the library sets itself; what the user set under the same key counts instead.
void ThriftBinaryEncoder::put_own_tags(Cursor& out, const RecordView& record, std::uint32_t& count,
                                       const TagMap* beaten_by) const {
  const auto free = [&](std::string_view key) { return !beaten_by || !beaten_by->contains(key); };
  if (record.has(kNewTrace) && free(kSamplerTypeKey)) {
    out.raw(sampler_type_);
    ++count;
  }
  if (record.has(kNewTrace) && free(kSamplerParamKey)) {
    out.raw(sampler_param_);
    ++count;
  }
  if (record.kind() != 0 && free(kKindKey)) {
    out.text_tag(kKindKey, kKinds[record.kind()]);
    ++count;
  }
  if (record.has(kCut) && free(kCutKey)) {
    out.bool_tag(kCutKey, true);
    ++count;
  }
}

void ThriftBinaryEncoder::put_logs(Cursor& out, const RecordView& record, TickMap& time) const noexcept {
  char* count_at = out.at + kListHead - 4;
  out.list(11, 0);
  std::uint32_t logs = 0, fields = 0;
  char* fields_at = nullptr;
  const auto close_log = [&] {
    if (!fields_at) return;
    Cursor::patch(fields_at, fields);
    out.u8(0);
  };
  record.visit([&](const Item& item) {
    if (item.header.op == Op::log) {
      close_log();
      const std::uint64_t stamp = item.word();
      const bool is_wall = (item.header.flags & kWall) != 0;
      out.i64(1, static_cast<std::uint64_t>(micros(is_wall ? static_cast<std::int64_t>(stamp) : time.wall(stamp))));
      fields_at = out.at + kListHead - 4;
      out.list(2, 0);
      fields = 0;
      ++logs;
    } else if (item.is_field() && fields_at) {
      out.tag(item);
      ++fields;
    }
  });
  close_log();
  Cursor::patch(count_at, logs);
}

}  // namespace jtrace::inline v1::detail
