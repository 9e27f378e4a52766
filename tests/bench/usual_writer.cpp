#include "usual_writer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bench::usual {
namespace {

std::int64_t micros(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

void fill_text(wire::Tag& tag, std::string_view key, std::string_view value) {
  tag.key.assign(key);
  tag.vType = wire::TagType::STRING;
  tag.vStr.assign(value);
  tag.__isset = {};
  tag.__isset.vStr = true;
}

void fill_integer(wire::Tag& tag, std::string_view key, std::int64_t value) {
  tag.key.assign(key);
  tag.vType = wire::TagType::LONG;
  tag.vLong = value;
  tag.__isset = {};
  tag.__isset.vLong = true;
}

// What a tag of the workload holds: a text or an integer.
void fill(wire::Tag& to, const Tag& tag) {
  if (const auto* text = std::get_if<std::string>(&tag.value)) return fill_text(to, tag.key, *text);
  fill_integer(to, tag.key, std::get<std::int64_t>(tag.value));
}

void fill(wire::Tag& to, const jtrace::detail::Item& item) {
  if (item.header.op == jtrace::detail::Op::text) return fill_text(to, item.key, item.bytes());
  fill_integer(to, item.key, static_cast<std::int64_t>(item.word()));
}

template <class Ids>
void fill_ids(wire::Span& span, const Ids& ids, std::uint64_t high, std::uint64_t low) {
  span.traceIdHigh = static_cast<std::int64_t>(high);
  span.traceIdLow = static_cast<std::int64_t>(low);
  span.spanId = static_cast<std::int64_t>(ids.span_id);
  span.parentSpanId = static_cast<std::int64_t>(ids.parent_id);
  span.__isset.references = ids.parent_id != 0;
  span.references.resize(span.__isset.references ? 1 : 0);
  for (wire::SpanRef& reference : span.references) {
    reference.refType = wire::SpanRefType::CHILD_OF;
    reference.traceIdHigh = span.traceIdHigh;
    reference.traceIdLow = span.traceIdLow;
    reference.spanId = span.parentSpanId;
  }
}

void fill_head(wire::Span& to, const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time) {
  const jtrace::detail::RecordHeader& header = record.header();
  fill_ids(to, header, header.trace_high, header.trace_low);
  to.operationName.assign(record.name());
  to.flags = static_cast<std::int32_t>(header.flags & jtrace::detail::kJaegerFlags);
  to.startTime = time.wall(header.start) / 1000;
  to.duration = std::max<std::int64_t>(time.wall(header.end) / 1000 - to.startTime, 1);
}

// As it is done usually: a tag is made, and moves into the span's vector.
template <class Source>
void add(wire::Span& to, const Source& source) {
  wire::Tag tag;
  fill(tag, source);
  to.tags.push_back(std::move(tag));
}

}  // namespace

void fill(wire::Span& to, const Span& span) {
  fill_ids(to, span, span.trace_id_high, span.trace_id_low);
  to.operationName = span.name;
  to.flags = static_cast<std::int32_t>(span.flags);
  to.startTime = micros(span.start.time_since_epoch());
  to.duration = micros(span.end - span.start);
  for (const Tag& tag : span.tags) add(to, tag);
  to.__isset.tags = true;
}

void fill(wire::Span& to, const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time) {
  fill_head(to, record, time);
  record.visit([&](const jtrace::detail::Item& item) { add(to, item); });
  to.__isset.tags = true;
}

void fill_again(wire::Span& to, const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time) {
  fill_head(to, record, time);
  std::size_t tags = 0;
  record.visit([&](const jtrace::detail::Item& item) {
    if (tags == to.tags.size()) to.tags.emplace_back();
    fill(to.tags[tags++], item);
  });
  to.tags.resize(tags);
  to.__isset.tags = true;
}

Writer::Writer()
    : buffer_(std::make_shared<apache::thrift::transport::TMemoryBuffer>(2 << 20)), protocol_(buffer_) {}

std::string_view Writer::write(const wire::Batch& batch) {
  buffer_->resetBuffer();
  batch.write(&protocol_);
  std::uint8_t* bytes = nullptr;
  std::uint32_t size = 0;
  buffer_->getBuffer(&bytes, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace bench::usual
