#include "usual_writer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bench::usual {
namespace {

std::int64_t micros(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

wire::Tag text_tag(std::string_view key, std::string_view value) {
  wire::Tag tag;
  tag.key = key;
  tag.vType = wire::TagType::STRING;
  tag.__set_vStr(std::string(value));
  return tag;
}

wire::Tag integer_tag(std::string_view key, std::int64_t value) {
  wire::Tag tag;
  tag.key = key;
  tag.vType = wire::TagType::LONG;
  tag.__set_vLong(value);
  return tag;
}

wire::SpanRef child_of(std::uint64_t high, std::uint64_t low, std::uint64_t span) {
  wire::SpanRef reference;
  reference.refType = wire::SpanRefType::CHILD_OF;
  reference.traceIdHigh = static_cast<std::int64_t>(high);
  reference.traceIdLow = static_cast<std::int64_t>(low);
  reference.spanId = static_cast<std::int64_t>(span);
  return reference;
}

// What a tag of the workload holds: a text or an integer.
wire::Tag wire_tag(const Tag& tag) {
  if (const auto* text = std::get_if<std::string>(&tag.value)) return text_tag(tag.key, *text);
  return integer_tag(tag.key, std::get<std::int64_t>(tag.value));
}

wire::Tag wire_tag(const jtrace::detail::Item& item) {
  if (item.header.op == jtrace::detail::Op::text) return text_tag(item.key, item.bytes());
  return integer_tag(item.key, static_cast<std::int64_t>(item.word()));
}

template <class Ids>
void set_ids(wire::Span& span, const Ids& ids, std::uint64_t high, std::uint64_t low) {
  span.traceIdHigh = static_cast<std::int64_t>(high);
  span.traceIdLow = static_cast<std::int64_t>(low);
  span.spanId = static_cast<std::int64_t>(ids.span_id);
  span.parentSpanId = static_cast<std::int64_t>(ids.parent_id);
  if (ids.parent_id == 0) return;
  span.references.push_back(child_of(high, low, ids.parent_id));
  span.__isset.references = true;
}

}  // namespace

wire::Span wire_span(const Span& span) {
  wire::Span made;
  set_ids(made, span, span.trace_id_high, span.trace_id_low);
  made.operationName = span.name;
  made.flags = static_cast<std::int32_t>(span.flags);
  made.startTime = micros(span.start.time_since_epoch());
  made.duration = micros(span.end - span.start);
  made.tags.reserve(span.tags.size());
  for (const Tag& tag : span.tags) made.tags.push_back(wire_tag(tag));
  made.__isset.tags = true;
  return made;
}

wire::Span wire_span(const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time) {
  const jtrace::detail::RecordHeader& header = record.header();
  wire::Span made;
  set_ids(made, header, header.trace_high, header.trace_low);
  made.operationName = record.name();
  made.flags = static_cast<std::int32_t>(header.flags & jtrace::detail::kJaegerFlags);
  made.startTime = time.wall(header.start) / 1000;
  made.duration = std::max<std::int64_t>(time.wall(header.end) / 1000 - made.startTime, 1);
  made.tags.reserve(2);
  record.visit([&](const jtrace::detail::Item& item) { made.tags.push_back(wire_tag(item)); });
  made.__isset.tags = true;
  return made;
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
