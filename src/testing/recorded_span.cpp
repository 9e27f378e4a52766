#include "testing/recorded_span.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "record/record_view.h"
#include "testing/forest.h"

namespace jtrace::inline v1::detail {
namespace {

using testing::RecordedField;
using testing::RecordedLog;
using testing::RecordedSpan;

Value value_of(const Item& item) {
  switch (item.header.op) {
    case Op::boolean:
      return Value(item.header.value_size != 0);
    case Op::integer:
      return Value(static_cast<std::int64_t>(item.word()));
    case Op::unsigned_integer:
      return Value(item.word());
    case Op::floating:
      return Value(std::bit_cast<double>(item.word()));
    case Op::binary:
      return Value(bytes(item.value, item.header.value_size));
    default:
      return Value(item.bytes());
  }
}

void set(std::vector<RecordedField>& fields, std::string_view key, const Value& value) {
  const auto same = std::find_if(fields.begin(), fields.end(), [&](const RecordedField& f) { return f.first == key; });
  if (same != fields.end()) {
    same->second = value;
  } else {
    fields.emplace_back(key, value);
  }
}

void set_own_tags(RecordedSpan& span, const RecordView& record, const Sampler& sampler) {
  constexpr std::string_view kinds[] = {"", "client", "server", "producer", "consumer", "internal", "", ""};
  if (record.has(kNewTrace)) {
    set(span.tags, "sampler.type", Value(sampler.name()));
    const bool is_const = sampler.type() == Sampler::Type::constant;
    set(span.tags, "sampler.param", is_const ? Value(sampler.param() != 0) : Value(sampler.param()));
  }
  if (record.kind() != 0) set(span.tags, "span.kind", Value(kinds[record.kind()]));
}

void take(RecordedSpan& span, const Item& item, TickMap& time) {
  if (item.is_tag()) {
    set(span.tags, item.key, value_of(item));
  } else if (item.is_field() && !span.logs.empty()) {
    span.logs.back().fields.emplace_back(item.key, value_of(item));
  } else if (item.header.op == Op::log) {
    const bool is_wall = (item.header.flags & kWall) != 0;
    const std::int64_t at = is_wall ? static_cast<std::int64_t>(item.word()) : time.wall(item.word());
    span.logs.push_back({Timestamp(std::chrono::nanoseconds(at)), {}});
  } else if (item.header.op == Op::rename) {
    span.name = item.bytes();
  } else if (item.header.op == Op::follows_from) {
    span.references.push_back({false, {item.word(0), item.word(1)}, {item.word(2)}});
  }
}

}  // namespace

RecordedSpan read_record(const char* bytes, std::size_t size, const Sampler& sampler, TickMap& time) {
  const auto storage = std::make_shared<std::string>(bytes, size);
  const RecordView record(storage->data());
  const RecordHeader& header = record.header();
  const auto wall = [&](std::uint64_t stamp, std::uint32_t flag) {
    return record.has(flag) ? static_cast<std::int64_t>(stamp) : time.wall(stamp);
  };
  const TraceId trace_id{header.trace_high, header.trace_low};
  const std::int64_t start = wall(header.start, kStartIsWall);
  const std::int64_t end = wall(header.end, kEndIsWall);

  RecordedSpan span;
  span.storage = storage;
  span.name = record.name();
  span.context = SpanContext(trace_id, SpanId{header.span_id}, header.flags & kJaegerFlags, nullptr);
  span.parent = SpanId{header.parent_id};
  span.start = Timestamp(std::chrono::nanoseconds(start));
  span.duration = std::chrono::nanoseconds(std::max<std::int64_t>(end - start, 1000));
  span.cut = record.has(kCut);
  if (header.parent_id != 0) span.references.push_back({true, trace_id, span.parent});
  set_own_tags(span, record, sampler);
  record.visit([&](const Item& item) { take(span, item, time); });
  return span;
}

RecordedSpan copy_of(const FinishedSpan& from) {
  const auto texts = std::make_shared<std::deque<std::string>>();
  const auto keep = [&](const Value& value) {
    if (value.type() == Value::Type::text) return Value(std::string_view(texts->emplace_back(value.as_text())));
    if (value.type() != Value::Type::binary) return value;
    const std::string& kept = texts->emplace_back(value.as_text());
    return Value(bytes(kept.data(), kept.size()));
  };
  RecordedSpan span;
  span.storage = texts;
  span.name = from.operation_name();
  const std::uint32_t flags = kSampledFlag | (from.is_debug() ? kDebugFlag : 0);
  span.context = SpanContext(from.trace_id(), from.span_id(), flags, nullptr);
  span.parent = from.parent_id();
  span.start = from.start_time();
  span.duration = from.duration();
  span.cut = from.is_cut();
  for (std::size_t i = 0; i < from.reference_count(); ++i) {
    const FinishedReference reference = from.reference(i);
    span.references.push_back({reference.is_child_of, reference.trace_id, reference.span_id});
  }
  for (const Field& tag : from.tags()) span.tags.emplace_back(tag.key.view(), keep(tag.value));
  for (std::size_t i = 0; i < from.log_count(); ++i) {
    const FinishedLog log = from.log(i);
    RecordedLog& copy = span.logs.emplace_back(RecordedLog{log.time, {}});
    for (const Field& field : log.fields) copy.fields.emplace_back(field.key.view(), keep(field.value));
  }
  return span;
}

const RecordedSpan& first_named(const std::deque<RecordedSpan>& spans, std::string_view name) {
  const auto found = std::find_if(spans.begin(), spans.end(), [&](const RecordedSpan& span) { return span.name == name; });
  if (found != spans.end()) return *found;
  throw std::out_of_range("no span \"" + std::string(name) + "\" was recorded; there is:\n" + draw(forest_of(spans)));
}

}  // namespace jtrace::inline v1::detail
