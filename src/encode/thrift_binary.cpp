#include "encode/thrift_binary.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "encode/usual_span.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kFixedBytes = 512;  // of a span without its items, with a margin
constexpr std::size_t kGrowth = 4;        // an item's bytes on the wire, at most, per byte in the record

constexpr std::string_view kMessageHead("\x80\x01\0\x04\0\0\0\x09" "emitBatch\0\0\0\x01\x0c\0\x01", 24);

constexpr std::size_t kIdsBytes = 4 * Cursor::kI64Bytes;
constexpr std::size_t kTimesBytes = Cursor::kI32Bytes + 2 * Cursor::kI64Bytes;
static_assert(kIdsBytes + Cursor::kReferenceBytes + kTimesBytes + OwnTags::kMostBytes + 5 * Cursor::kListHead + Cursor::kOverrun <=
              kFixedBytes);

// The most that a record of this size becomes.
constexpr std::size_t bound(std::size_t size) noexcept { return kFixedBytes + kGrowth * size; }

std::int64_t micros_of_stamp(std::uint64_t stamp, bool is_wall, TickMap& time) noexcept {
  return is_wall ? static_cast<std::int64_t>(stamp) / 1000 : time.micros(stamp);
}

[[gnu::noinline]] std::string_view last_name(RecordView record) noexcept {
  std::string_view name = record.name();
  record.visit([&](const Item& item) {
    if (item.header.op == Op::rename) name = item.bytes();
  });
  return name;
}

[[gnu::noinline]] Cursor put_links(Cursor out, RecordView record) noexcept {
  const RecordHeader& header = record.header();
  char* const list = out.at;
  std::uint32_t count = 0;
  out.at += Cursor::kListHead;
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

[[gnu::noinline]] Cursor put_logs(Cursor out, RecordView record, TickMap& time) noexcept {
  char* const list = out.at;
  out.at += Cursor::kListHead;
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
      const bool is_wall = (item.header.flags & kWall) != 0;
      out.i64(1, static_cast<std::uint64_t>(micros_of_stamp(item.word(), is_wall, time)));
      fields_at = out.at;
      out.at += Cursor::kListHead;
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

}  // namespace

ThriftBinaryEncoder::ThriftBinaryEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags,
                                         const Sampler& sampler, std::size_t max_batch_bytes, Way way, Form form)
    : max_batch_bytes_(form == Form::batch ? max_batch_bytes : max_batch_bytes - 1), way_(way), form_(form), own_tags_(sampler) {
  const std::string_view message = form == Form::batch ? std::string_view() : kMessageHead;
  std::size_t bound = kFixedBytes + kGrowth * service_name.size();
  for (const ProcessTag& tag : tags) bound += 64 + kGrowth * (tag.key.size() + tag.value.size());
  head_.resize(bound);
  message.copy(head_.data(), message.size());
  Cursor out{head_.data() + message.size()};
  out.head(field(kStruct, 1));
  out.text(1, service_name);
  if (!tags.empty()) {
    out.list(2, static_cast<std::uint32_t>(tags.size()));
    for (const ProcessTag& tag : tags) {
      out.text(1, tag.key);
      out.text_value(tag.value);
    }
  }
  out.u8(0);
  out.list(2, 0);
  head_.resize(static_cast<std::size_t>(out.at - head_.data()));
}

bool ThriftBinaryEncoder::begin(Batch& batch) const noexcept {
  batch.clear();
  if (!batch.body.reserve(std::max(head_.size(), max_batch_bytes_) + bound(kUsualBytes))) return false;
  std::memcpy(batch.body.data(), head_.data(), head_.size());
  batch.body.end_at(batch.body.data() + head_.size());
  return true;
}

void ThriftBinaryEncoder::end(Batch& batch) const noexcept {
  Cursor::store32(batch.body.data() + head_.size() - 4, batch.spans);
  if (!batch.body.reserve(2)) return;
  std::memset(batch.body.end(), 0, 2);
  batch.body.end_at(batch.body.end() + stops());
}

// The usual span has each key once, and no items but tags. False: a key may be there twice, and nothing that was written counts.
template <bool kMayBeRare>
[[gnu::always_inline]] inline bool ThriftBinaryEncoder::put_distinct_tags(Tags& tags, RecordView record) const noexcept {
  KeyBits keys;
  own_tags_.put(tags, keys, record);
  for (const char *at = record.items(), *const last = record.last_item(); at <= last;) {
    const Item item(at);
    if (kMayBeRare && !item.is_tag()) {
      at = item.end();
      continue;
    }
    if (!keys.add(item.key.size(), item.last_of_key()) && !LastTags::is_new_key(record, at)) [[unlikely]] return false;
    ++tags.count;
    if (item.is_tag(Op::text)) {
      at = tags.out.text_tag(item);
    } else if (item.is_tag(Op::integer)) {
      at = tags.out.long_tag(item);
    } else {
      at = tags.out.any_tag(item);
    }
  }
  return true;
}

// Returns where the list ends; without a tag there is none.
template <bool kMayBeRare>
[[gnu::always_inline]] inline char* ThriftBinaryEncoder::put_tags(char* list, RecordView record) {
  Tags tags{{list + Cursor::kListHead}};
  if (!put_distinct_tags<kMayBeRare>(tags, record)) [[unlikely]] return last_tags_.put(list, record, own_tags_);
  if (tags.count == 0) return list;
  Cursor::list_at(list, 10, tags.count);
  return tags.out.at;
}

template <bool kMayBeRare>
[[gnu::always_inline]] inline char* ThriftBinaryEncoder::put_span(char* to, RecordView record, const Work& work) {
  const auto has = [flags = record.header().flags](std::uint32_t flag) { return kMayBeRare && (flags & flag) != 0; };
  const RecordHeader& header = record.header();
  const std::uint64_t trace_low = header.trace_low, trace_high = header.trace_high, parent = header.parent_id;
  Cursor::i64_at(to, 1, trace_low);
  Cursor::i64_at(to + Cursor::kI64Bytes, 2, trace_high);
  Cursor::i64_at(to + 2 * Cursor::kI64Bytes, 3, header.span_id);
  Cursor::i64_at(to + 3 * Cursor::kI64Bytes, 4, parent);
  Cursor out{to + kIdsBytes};
  out.record_text(5, has(kRenamed) ? last_name(record) : record.name());
  if (has(kHasLinks)) {
    out = put_links(out, record);
  } else if (parent != 0) {
    out.parent_reference(trace_high, trace_low, parent);
  }

  TickMap& time = work.time;
  // A later end makes good for a start that is not relied on; where the end says nothing of ticks, the start must.
  const std::int64_t start = kMayBeRare ? micros_of_stamp(header.start, has(kStartIsWall), time) : time.micros_before(header.start);
  const std::int64_t end = micros_of_stamp(header.end, has(kEndIsWall), time);
  static_assert(kJaegerFlags == 0xff, "a byte");
  out.times(header.flags & kJaegerFlags, static_cast<std::uint64_t>(start),
            static_cast<std::uint64_t>(std::max<std::int64_t>(end - start, 1)));

  ThriftBinaryEncoder& encoder = work.encoder;
  const bool is_vast = kMayBeRare && header.size >= Item::kVast;
  out.at = is_vast ? encoder.last_tags_.put(out.at, record, encoder.own_tags_) : encoder.put_tags<kMayBeRare>(out.at, record);
  if (has(kHasLogs)) out = put_logs(out, record, time);
  out.u8(0);
  return out.at;
}

// Null without memory. The body may move, and with it where it ends and must end.
[[gnu::noinline]] char* ThriftBinaryEncoder::put_rare_span(const Work& work, RecordView record, char*& end, char*& limit) {
  Buffer& body = work.batch.body;
  body.end_at(end);
  if (!body.reserve(bound(record.header().size))) return nullptr;
  end = body.end();
  limit = body.data() + work.encoder.max_batch_bytes_;
  return put_span<true>(end, record, work);
}

// What the wide way leaves goes the generic one, a span at a time.
ThriftBinaryEncoder::Result ThriftBinaryEncoder::append(Batch& batch, Run& records, TickMap& time) noexcept {
  if (way_ == Way::generic) return append_generic(batch, records, time);
  for (;;) {
    put_wide_spans(batch, max_batch_bytes_, records, own_tags_, time);
    if (records.is_read()) return Result::appended;
    Run next{records.at, records.at + 1};
    const Result result = append_generic(batch, next, time);
    records.at = next.at;
    if (result != Result::appended) return result;
  }
}

// What begin() has reserved is enough for a usual span behind all that a batch may hold.
ThriftBinaryEncoder::Result ThriftBinaryEncoder::append_generic(Batch& batch, Run& records, TickMap& time) noexcept {
  const Work work{*this, batch, time};
  const char* at = records.at;
  const char* const end = records.end;
  char* out = batch.body.end();
  char* limit = batch.body.data() + max_batch_bytes_;
  Result result = Result::appended;
  while (at < end) {
    const RecordView record(at);
    char* to = nullptr;
    try {
      to = is_rare(record) ? put_rare_span(work, record, out, limit) : put_span<false>(out, record, work);
    } catch (const std::bad_alloc&) {
    }
    // With the byte that ends a batch.
    if (to == nullptr || to >= limit) [[unlikely]] {
      result = to == nullptr ? Result::no_memory : batch.spans == 0 ? Result::too_large : Result::full;
      break;
    }
    out = to;
    ++batch.spans;
    at += record.header().size;
  }
  batch.body.end_at(out);
  records.at = at;
  return result;
}

}  // namespace jtrace::inline v1::detail
