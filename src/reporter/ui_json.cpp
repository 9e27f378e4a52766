#include "reporter/ui_json.h"

#include "encode/json.h"
#include "encode/utf8.h"

namespace jtrace::inline v1::detail::ui_json {
namespace {

constexpr std::int64_t kSafe = (std::int64_t{1} << 53) - 1;  // beyond it a number is not exact in JavaScript

void put_value(std::string& to, const Value& value) {
  switch (value.type()) {
    case Value::Type::boolean:
      to.append("\"bool\",\"value\":").append(value.as_bool() ? "true" : "false");
      break;
    case Value::Type::integer: {
      const bool is_safe = value.as_integer() >= -kSafe && value.as_integer() <= kSafe;
      to.append("\"int64\",\"value\":").append(is_safe ? "" : "\"");
      json::put_number(to, value.as_integer());
      to.append(is_safe ? "" : "\"");
      break;
    }
    case Value::Type::floating:
      to.append("\"float64\",\"value\":");
      json::put_number(to, value.as_double());
      break;
    case Value::Type::binary:
      to.append("\"binary\",\"value\":");
      json::put_bytes(to, value.as_text());
      break;
    default:
      to.append("\"string\",\"value\":");
      json::put_text(to, value.as_text());
  }
}

void put_field(std::string& to, std::string_view key, const Value& value) {
  to.append(to.ends_with('[') ? "{\"key\":" : ",{\"key\":");
  json::put_text(to, key);
  to.append(",\"type\":");
  put_value(to, value);
  to += '}';
}

void put_fields(std::string& to, std::span<const Field> fields) {
  to += '[';
  for (const Field& field : fields) put_field(to, field.key.view(), field.value);
  to += ']';
}

void put_ids(std::string& to, TraceId trace, SpanId span) {
  to.append("\"traceID\":\"").append(trace_id(trace)).append("\",\"spanID\":\"");
  json::put_hex(to, span.value);
  to += '"';
}

std::int64_t micros(Timestamp at) { return at.time_since_epoch().count() / 1000; }

void put_references(std::string& to, const FinishedSpan& span) {
  for (std::size_t i = 0; i < span.reference_count(); ++i) {
    const FinishedReference reference = span.reference(i);
    to.append(i == 0 ? "{\"refType\":\"" : ",{\"refType\":\"").append(reference.is_child_of ? "CHILD_OF\"," : "FOLLOWS_FROM\",");
    put_ids(to, reference.trace_id, reference.span_id);
    to += '}';
  }
}

void put_logs(std::string& to, const FinishedSpan& span) {
  for (std::size_t i = 0; i < span.log_count(); ++i) {
    const FinishedLog log = span.log(i);
    to.append(i == 0 ? "{\"timestamp\":" : ",{\"timestamp\":");
    json::put_number(to, micros(log.time));
    to.append(",\"fields\":");
    put_fields(to, log.fields);
    to += '}';
  }
}

}  // namespace

std::string trace_id(TraceId id) {
  std::string text;
  if (id.high != 0) json::put_hex(text, id.high);
  json::put_hex(text, id.low);
  return text;
}

void put_span(std::string& to, const FinishedSpan& span) {
  to += '{';
  put_ids(to, span.trace_id(), span.span_id());
  to.append(span.is_debug() ? ",\"flags\":3,\"operationName\":" : ",\"flags\":1,\"operationName\":");
  json::put_text(to, span.operation_name());
  to.append(",\"references\":[");
  put_references(to, span);
  to.append("],\"startTime\":");
  const std::int64_t start = micros(span.start_time());
  json::put_number(to, start);
  to.append(",\"duration\":");
  json::put_number(to, micros(span.start_time() + span.duration()) - start);
  to.append(",\"tags\":");
  put_fields(to, span.tags());
  to.append(",\"logs\":[");
  put_logs(to, span);
  to += ']';
}

std::string process(std::string_view service_name, const std::vector<ProcessTag>& tags) {
  std::string text = "{\"serviceName\":";
  json::put_text(text, repaired_utf8(service_name));
  text += ",\"tags\":[";
  for (const ProcessTag& tag : tags) put_field(text, repaired_utf8(tag.key), Value(std::string_view(repaired_utf8(tag.value))));
  return text += "]}";
}

}  // namespace jtrace::inline v1::detail::ui_json
