#include "encode/thrift_compact.h"

#include <bit>
#include <cstring>

#include "encode/utf8.h"

namespace jtrace::inline v1::detail {
namespace {

enum Type : unsigned { kTrue = 1, kFalse = 2, kI32 = 5, kI64 = 6, kDouble = 7, kText = 8, kList = 9, kStruct = 12 };
enum TagType { kTagString = 0, kTagDouble = 1, kTagBool = 2, kTagLong = 3, kTagBinary = 4 };

constexpr std::string_view kMessageHead("\x82\x81\x01\x09" "emitBatch\x1c", 14);
constexpr std::size_t kMostListBytes = 6;

// Returns behind it.
char* put_varint(char* to, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

char* put_list_head(char* to, std::size_t count) noexcept {
  *to++ = static_cast<char>((count < 15 ? count : 15) << 4 | kStruct);
  return count < 15 ? to : put_varint(to, count);
}

// The fields of one struct, in the order of their ids.
class Fields {
 public:
  explicit Fields(std::string& to) noexcept : to_(to) {}

  void number(unsigned id, Type type, std::int64_t value) {
    head(id, type);
    const auto bits = static_cast<std::uint64_t>(value);
    varint(bits << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  void id(unsigned id, std::uint64_t value) { number(id, kI64, static_cast<std::int64_t>(value)); }
  void text(unsigned id, std::string_view value) {
    head(id, kText);
    varint(value.size());
    to_ += value;
  }
  void real(unsigned id, double value) {
    head(id, kDouble);
    for (std::uint64_t bits = std::bit_cast<std::uint64_t>(value), i = 0; i < 8; ++i, bits >>= 8) to_ += static_cast<char>(bits);
  }
  void boolean(unsigned id, bool value) { head(id, value ? kTrue : kFalse); }
  void list(unsigned id, std::size_t count) {
    head(id, kList);
    char bytes[kMostListBytes];
    to_.append(bytes, static_cast<std::size_t>(put_list_head(bytes, count) - bytes));
  }
  void head(unsigned id, Type type) {
    to_ += static_cast<char>((id - last_) << 4 | type);
    last_ = id;
  }
  void stop() { to_ += '\0'; }

 private:
  void varint(std::uint64_t value) {
    char bytes[10];
    to_.append(bytes, static_cast<std::size_t>(put_varint(bytes, value) - bytes));
  }

  std::string& to_;
  unsigned last_ = 0;
};

void put_tag(std::string& to, std::string_view key, const Value& value) {
  Fields tag(to);
  tag.text(1, key);
  const auto type = [&](TagType which) { tag.number(2, kI32, which); };
  switch (value.type()) {
    case Value::Type::boolean:
      type(kTagBool), tag.boolean(5, value.as_bool());
      break;
    case Value::Type::integer:
      type(kTagLong), tag.number(6, kI64, value.as_integer());
      break;
    case Value::Type::floating:
      type(kTagDouble), tag.real(4, value.as_double());
      break;
    case Value::Type::binary:
      type(kTagBinary), tag.text(7, value.as_text());
      break;
    default:
      type(kTagString), tag.text(3, value.as_text());
  }
  tag.stop();
}

void put_reference(std::string& to, const ReferenceData& from) {
  Fields reference(to);
  reference.number(1, kI32, from.is_child_of ? 0 : 1);
  reference.id(2, from.trace_low);
  reference.id(3, from.trace_high);
  reference.id(4, from.span_id);
  reference.stop();
}

void put_log(std::string& to, const SpanData& span, const LogData& from) {
  Fields log(to);
  log.number(1, kI64, from.time / 1000);
  log.list(2, from.count);
  for (std::size_t i = 0; i < from.count; ++i) {
    const Field& field = span.log_fields[from.first + i];
    put_tag(to, field.key.view(), field.value);
  }
  log.stop();
}

std::string make_head(std::string_view service_name, const std::vector<ProcessTag>& tags) {
  std::string head(kMessageHead);
  Fields batch(head);
  batch.head(1, kStruct);
  Fields process(head);
  process.text(1, repaired_utf8(service_name));
  if (!tags.empty()) process.list(2, tags.size());
  for (const ProcessTag& tag : tags) put_tag(head, repaired_utf8(tag.key), Value(std::string_view(repaired_utf8(tag.value))));
  process.stop();
  head += static_cast<char>(1 << 4 | kList);  // field 2, spans; how many is told by put_end
  return head;
}

std::size_t list_head_size(std::uint32_t spans) noexcept {
  char bytes[kMostListBytes];
  return static_cast<std::size_t>(put_list_head(bytes, spans) - bytes);
}

}  // namespace

ThriftCompactEncoder::ThriftCompactEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_bytes)
    : SpanwiseEncoder(max_bytes) {
  set_head(make_head(service_name, tags));
}

void ThriftCompactEncoder::put_span(std::string& to, const SpanData& from, bool) const {
  Fields span(to);
  span.id(1, from.trace_low);
  span.id(2, from.trace_high);
  span.id(3, from.span_id);
  span.id(4, from.parent_id);
  span.text(5, from.name);
  if (!from.references.empty()) span.list(6, from.references.size());
  for (const ReferenceData& reference : from.references) put_reference(to, reference);
  span.number(7, kI32, static_cast<std::int32_t>(from.flags));
  span.number(8, kI64, from.start_micros());
  span.number(9, kI64, from.duration_micros());
  if (!from.tags.empty()) span.list(10, from.tags.size());
  for (const Field& tag : from.tags) put_tag(to, tag.key.view(), tag.value);
  if (!from.logs.empty()) span.list(11, from.logs.size());
  for (const LogData& log : from.logs) put_log(to, from, log);
  span.stop();
}

std::size_t ThriftCompactEncoder::end_size(std::uint32_t spans) const noexcept { return list_head_size(spans) + 2; }

void ThriftCompactEncoder::put_end(Batch& batch) const noexcept {
  char* const list = batch.body.data() + head().size();
  const std::size_t spans = batch.body.size() - head().size(), shift = list_head_size(batch.spans);
  std::memmove(list + shift, list, spans);
  put_list_head(list, batch.spans);
  std::memset(list + shift + spans, 0, 2);
  batch.body.end_at(list + shift + spans + 2);
}

void ThriftCompactEncoder::reopen(Batch& batch) const noexcept {
  char* const list = batch.body.data() + head().size();
  std::memmove(list, list + list_head_size(batch.spans), batch.open_size - head().size());
  SpanwiseEncoder::reopen(batch);
}

}  // namespace jtrace::inline v1::detail
