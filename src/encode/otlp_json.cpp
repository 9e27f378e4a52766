#include "encode/otlp_json.h"

#include <cstring>

#include "encode/json.h"
#include "encode/otlp.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kEnd = "]}]}]}";

void put_value(std::string& to, const Value& value) {
  switch (value.type()) {
    case Value::Type::boolean:
      to.append("\"boolValue\":").append(value.as_bool() ? "true" : "false");
      break;
    case Value::Type::integer:
      to.append("\"intValue\":\"");
      json::put_number(to, value.as_integer());
      to += '"';
      break;
    case Value::Type::floating:
      to.append("\"doubleValue\":");
      json::put_number(to, value.as_double());
      break;
    case Value::Type::binary:
      to.append("\"bytesValue\":");
      json::put_bytes(to, value.as_text());
      break;
    default:
      to.append("\"stringValue\":");
      json::put_text(to, value.as_text());
  }
}

void put_attribute(std::string& to, std::string_view key, const Value& value) {
  to.append(to.ends_with('[') ? "{\"key\":" : ",{\"key\":");
  json::put_text(to, key);
  to.append(",\"value\":{");
  put_value(to, value);
  to.append("}}");
}

// A list of what put() puts; nothing at all where that is nothing.
template <class Put>
void put_list(std::string& to, std::string_view head, Put&& put) {
  const std::size_t before = to.size();
  to.append(head);
  const std::size_t empty = to.size();
  put();
  if (to.size() == empty) {
    to.resize(before);
  } else {
    to += ']';
  }
}

void put_ids(std::string& to, std::uint64_t high, std::uint64_t low, std::uint64_t span) {
  to.append("\"traceId\":\"");
  json::put_hex(to, high);
  json::put_hex(to, low);
  to.append("\",\"spanId\":\"");
  json::put_hex(to, span);
  to += '"';
}

void put_time(std::string& to, std::string_view head, std::int64_t time) {
  to.append(head);
  json::put_number(to, time);
  to += '"';
}

void put_event(std::string& to, const SpanData& span, const LogData& log) {
  put_time(to, to.ends_with('[') ? "{\"timeUnixNano\":\"" : ",{\"timeUnixNano\":\"", log.time);
  const Field* const name = event_name(span, log);
  if (name) {
    to.append(",\"name\":");
    json::put_text(to, name->value.as_text());
  }
  put_list(to, ",\"attributes\":[", [&] {
    for (std::size_t i = 0; i < log.count; ++i) {
      const Field& field = span.log_fields[log.first + i];
      if (&field != name) put_attribute(to, field.key.view(), field.value);
    }
  });
  to += '}';
}

void put_links(std::string& to, const SpanData& span) {
  for (const ReferenceData& reference : span.references) {
    if (reference.is_child_of) continue;
    to.append(to.ends_with('[') ? "{" : ",{");
    put_ids(to, reference.trace_high, reference.trace_low, reference.span_id);
    to.append(",\"attributes\":[");
    put_attribute(to, "opentracing.ref_type", "follows_from");
    to.append("]}");
  }
}

void put_status(std::string& to, const OtlpSpan& otlp) {
  if (otlp.status == 0) return;
  to.append(",\"status\":{");
  if (!otlp.message.empty()) {
    to.append("\"message\":");
    json::put_text(to, otlp.message);
    to += ',';
  }
  to.append("\"code\":").append(1, static_cast<char>('0' + otlp.status)).append("}");
}

}  // namespace

OtlpJsonEncoder::OtlpJsonEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_batch_bytes)
    : SpanwiseEncoder(max_batch_bytes) {
  std::string head = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
  for (const ProcessTag& tag : resource_attributes(service_name, tags)) put_attribute(head, tag.key, Value(std::string_view(tag.value)));
  head.append("]},\"scopeSpans\":[{\"spans\":[");
  set_head(std::move(head));
}

void OtlpJsonEncoder::put_span(std::string& to, const SpanData& span, bool is_first) const {
  const OtlpSpan otlp(span);
  to.append(is_first ? "{" : ",{");
  put_ids(to, span.trace_high, span.trace_low, span.span_id);
  if (span.parent_id != 0) {
    to.append(",\"parentSpanId\":\"");
    json::put_hex(to, span.parent_id);
    to += '"';
  }
  to.append(",\"flags\":1,\"name\":");
  json::put_text(to, span.name);
  if (otlp.kind != 0) to.append(",\"kind\":").append(1, static_cast<char>('0' + otlp.kind));
  put_time(to, ",\"startTimeUnixNano\":\"", span.start);
  put_time(to, ",\"endTimeUnixNano\":\"", span.end);
  put_list(to, ",\"attributes\":[", [&] {
    for (const Field& tag : span.tags) {
      if (!otlp.is_told(tag)) put_attribute(to, tag.key.view(), tag.value);
    }
  });
  put_list(to, ",\"events\":[", [&] {
    for (const LogData& log : span.logs) put_event(to, span, log);
  });
  put_list(to, ",\"links\":[", [&] { put_links(to, span); });
  put_status(to, otlp);
  to += '}';
}

std::size_t OtlpJsonEncoder::end_size(std::uint32_t) const noexcept { return kEnd.size(); }

void OtlpJsonEncoder::put_end(Batch& batch) const noexcept {
  std::memcpy(batch.body.end(), kEnd.data(), kEnd.size());
  batch.body.end_at(batch.body.end() + kEnd.size());
}

}  // namespace jtrace::inline v1::detail
