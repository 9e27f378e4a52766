#include "otlp_decode.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "otlp_protobuf.h"

namespace jtrace::collector {
namespace {

using nlohmann::json;

constexpr int kMostNested = 64;
constexpr const char* kKinds[] = {"", "internal", "server", "client", "producer", "consumer"};

// A JSON text that nests deeper costs a stack of its own wherever it is walked through.
json parse_json(std::string_view body) {
  const auto see = [](int depth, json::parse_event_t, json&) {
    if (depth > kMostNested) throw std::runtime_error("json: nested too deeply");
    return true;
  };
  return json::parse(body, see);
}

// What is not there, or is something else, is nothing.
const json& member(const json& object, const char* name) {
  static const json kNothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : kNothing;
}
std::string text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }
std::int64_t integer(const json& value) {
  if (value.is_number_unsigned()) return static_cast<std::int64_t>(value.get<std::uint64_t>());
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return std::abs(value.get<double>()) < 9e18 ? static_cast<std::int64_t>(value.get<double>()) : 0;
  std::int64_t number = 0;
  const std::string digits = text(value);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  unsigned word = 0, bits = 0;
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
    if (value < 0) break;
    word = (word << 6 | static_cast<unsigned>(value)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(word >> bits & 0xff);
  }
  return bytes;
}

// Exactly so many hex digits, or an error that names what it was for.
std::uint64_t id_of(std::string_view digits, const char* what) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
  if (digits.size() != 16 || error != std::errc() || end != digits.data() + digits.size()) throw std::runtime_error(std::string("invalid length or digits of ") + what);
  return id;
}
TraceId trace_id_of(const json& value) {
  const std::string digits = text(value);
  if (digits.size() != 32) throw std::runtime_error("invalid length or digits of traceId");
  return {id_of(std::string_view(digits).substr(0, 16), "traceId"), id_of(std::string_view(digits).substr(16), "traceId")};
}

// Arrays and maps become JSON text, without the words of the protocol around each value.
json plain(const json& any) {
  if (const json& list = member(any, "arrayValue"); list.is_object()) {
    json array = json::array();
    for (const json& value : member(list, "values")) array.push_back(plain(value));
    return array;
  }
  if (const json& list = member(any, "kvlistValue"); list.is_object()) {
    json object = json::object();
    for (const json& pair : member(list, "values")) object[text(member(pair, "key"))] = plain(member(pair, "value"));
    return object;
  }
  for (const char* name : {"stringValue", "boolValue", "doubleValue", "bytesValue"}) {
    if (const json& value = member(any, name); !value.is_null()) return value;
  }
  const json& number = member(any, "intValue");
  return number.is_null() ? json() : json(integer(number));
}

double real(const json& value) {
  if (value.is_number()) return value.get<double>();
  const std::string name = text(value);
  const double infinity = std::numeric_limits<double>::infinity();
  return name == "Infinity" ? infinity : name == "-Infinity" ? -infinity : std::numeric_limits<double>::quiet_NaN();
}

Value value_of(const json& any) {
  if (const json& value = member(any, "stringValue"); value.is_string()) return value.get<std::string>();
  if (const json& value = member(any, "boolValue"); value.is_boolean()) return value.get<bool>();
  if (const json& value = member(any, "intValue"); !value.is_null()) return integer(value);
  if (const json& value = member(any, "doubleValue"); !value.is_null()) return real(value);
  if (const json& value = member(any, "bytesValue"); value.is_string()) return Binary{from_base64(value.get<std::string>())};
  const json compound = plain(any);
  return compound.is_null() ? std::string() : compound.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<Tag> tags_of(const json& attributes) {
  std::vector<Tag> tags;
  for (const json& attribute : attributes) tags.push_back({text(member(attribute, "key")), value_of(member(attribute, "value"))});
  return tags;
}

bool has(const std::vector<Tag>& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [&](const Tag& tag) { return tag.key == key; });
}

ProcessPtr process_of(const json& resource) {
  auto process = std::make_shared<Process>();
  process->service = "OTLPResourceNoServiceName";
  process->tags = tags_of(member(resource, "attributes"));
  const auto name = std::find_if(process->tags.begin(), process->tags.end(), [](const Tag& tag) { return tag.key == "service.name"; });
  if (name == process->tags.end()) return process;
  if (const auto* service = std::get_if<std::string>(&name->value)) process->service = *service;
  process->tags.erase(name);
  return process;
}

void add_status(Span& span, const json& status) {
  const std::int64_t code = integer(member(status, "code"));
  if (code != 1 && code != 2) return;
  span.tags.push_back({"otel.status_code", std::string(code == 1 ? "OK" : "ERROR")});
  if (code != 2) return;
  span.tags.push_back({"error", true});
  if (const std::string message = text(member(status, "message")); !message.empty()) span.tags.push_back({"otel.status_description", message});
}

Log log_of(const json& event) {
  Log log{integer(member(event, "timeUnixNano")) / 1000, tags_of(member(event, "attributes"))};
  const std::string name = text(member(event, "name"));
  if (!name.empty() && !has(log.fields, "event")) log.fields.insert(log.fields.begin(), {"event", name});
  return log;
}

Reference link_of(const json& link) {
  const std::vector<Tag> tags = tags_of(member(link, "attributes"));
  const bool is_child_of = std::any_of(tags.begin(), tags.end(), [](const Tag& tag) {
    const auto* type = std::get_if<std::string>(&tag.value);
    return tag.key == "opentracing.ref_type" && type && *type == "child_of";
  });
  return {!is_child_of, trace_id_of(member(link, "traceId")), id_of(text(member(link, "spanId")), "spanId")};
}

SpanPtr span_of(const json& from, const ProcessPtr& process, const json& scope) {
  auto span = std::make_shared<Span>();
  span->process = process;
  span->trace_id = trace_id_of(member(from, "traceId"));
  span->span_id = id_of(text(member(from, "spanId")), "spanId");
  span->operation = text(member(from, "name"));
  span->flags = static_cast<std::int32_t>(integer(member(from, "flags")) & 1);
  span->start = integer(member(from, "startTimeUnixNano")) / 1000;
  span->duration = std::max<std::int64_t>(integer(member(from, "endTimeUnixNano")) / 1000 - span->start, 0);
  if (const std::string parent = text(member(from, "parentSpanId")); !parent.empty()) span->references.push_back({false, span->trace_id, id_of(parent, "parentSpanId")});
  for (const json& link : member(from, "links")) span->references.push_back(link_of(link));
  span->tags = tags_of(member(from, "attributes"));
  const std::int64_t kind = integer(member(from, "kind"));
  if (kind > 0 && kind <= 5) span->tags.push_back({"span.kind", std::string(kKinds[kind])});
  add_status(*span, member(from, "status"));
  for (const char* name : {"name", "version"}) {
    if (const std::string value = text(member(scope, name)); !value.empty()) span->tags.push_back({std::string("otel.scope.") + name, value});
  }
  for (const json& event : member(from, "events")) span->logs.push_back(log_of(event));
  return span;
}

std::vector<SpanPtr> spans_of(const json& request) {
  if (!request.is_object()) throw std::runtime_error("json: not an object");
  std::vector<SpanPtr> spans;
  for (const json& resource : member(request, "resourceSpans")) {
    const ProcessPtr process = process_of(member(resource, "resource"));
    for (const json& scope : member(resource, "scopeSpans")) {
      for (const json& span : member(scope, "spans")) spans.push_back(span_of(span, process, member(scope, "scope")));
    }
  }
  return spans;
}

}  // namespace

Decoded decode_otlp(std::string_view body, OtlpForm form) {
  try {
    return {spans_of(form == OtlpForm::kJson ? parse_json(body) : read_otlp_protobuf(body)), std::nullopt};
  } catch (const std::exception& problem) {
    return {{}, problem.what()};
  }
}

}  // namespace jtrace::collector
