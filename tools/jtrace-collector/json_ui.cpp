#include "json_ui.h"

#include <cstdint>

#include "json_text.h"

namespace jtrace::collector {
namespace {

// The largest whole number that every JSON reader keeps exactly.
constexpr std::int64_t kMaxSafe = (std::int64_t{1} << 53) - 1;

// Calls `write` for every element, with commas between.
template <typename List, typename Write>
std::string list_of(const List& list, Write write) {
  std::string json = "[";
  for (const auto& element : list) {
    if (json.size() > 1) json += ',';
    json += write(element);
  }
  return json + ']';
}

std::string int64_text(std::int64_t number) {
  const std::string digits = std::to_string(number);
  return number > kMaxSafe || number < -kMaxSafe ? '"' + digits + '"' : digits;
}

std::string type_and_value(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return R"("string","value":)" + json_string(*text);
  if (const auto* number = std::get_if<double>(&value)) return R"("float64","value":)" + json_double(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return std::string(R"("bool","value":)") + (*flag ? "true" : "false");
  if (const auto* number = std::get_if<std::int64_t>(&value)) return R"("int64","value":)" + int64_text(*number);
  return R"("binary","value":")" + base64(std::get<Binary>(value).bytes) + '"';
}

std::string tag_text(const Tag& tag) {
  return "{\"key\":" + json_string(tag.key) + ",\"type\":" + type_and_value(tag.value) + "}";
}

std::string log_text(const Log& log) {
  return "{\"timestamp\":" + std::to_string(log.timestamp) + ",\"fields\":" + list_of(log.fields, tag_text) + "}";
}

std::string reference_text(const Reference& reference) {
  return std::string("{\"refType\":\"") + (reference.follows_from ? "FOLLOWS_FROM" : "CHILD_OF") +
         "\",\"traceID\":\"" + to_hex(reference.trace_id) + "\",\"spanID\":\"" + to_hex(reference.span_id) + "\"}";
}

// The processes of a trace, each under one name however many batches it came in.
class Processes {
 public:
  std::string name_of(const Process& process) {
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (known_[i] == &process || *known_[i] == process) return name(i);
    }
    known_.push_back(&process);
    return name(known_.size() - 1);
  }

  std::string text() const {
    std::string json = "{";
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (i > 0) json += ',';
      json += '"' + name(i) + "\":{\"serviceName\":" + json_string(known_[i]->service);
      json += ",\"tags\":" + list_of(known_[i]->tags, tag_text) + "}";
    }
    return json + "}";
  }

 private:
  static std::string name(std::size_t index) { return "p" + std::to_string(index + 1); }

  std::vector<const Process*> known_;
};

std::string span_text(const Span& span, const std::string& process) {
  std::string json = "{\"traceID\":\"" + to_hex(span.trace_id) + "\",\"spanID\":\"" + to_hex(span.span_id) + '"';
  if (span.flags != 0) json += ",\"flags\":" + std::to_string(static_cast<std::uint32_t>(span.flags));
  json += ",\"operationName\":" + json_string(span.operation);
  json += ",\"references\":" + list_of(span.references, reference_text);
  json += ",\"startTime\":" + std::to_string(span.start) + ",\"duration\":" + std::to_string(span.duration);
  json += ",\"tags\":" + list_of(span.tags, tag_text) + ",\"logs\":" + list_of(span.logs, log_text);
  return json + ",\"processID\":\"" + process + "\",\"warnings\":null}";
}

std::string error_text(const UiError& error) {
  std::string json = "{";
  if (error.code != 0) json += "\"code\":" + std::to_string(error.code) + ",";
  json += "\"msg\":" + json_string(error.message);
  if (!error.trace_id.empty()) json += ",\"traceID\":" + json_string(error.trace_id);
  return json + "}";
}

}  // namespace

std::string ui_envelope(std::string_view data, std::size_t total, const std::vector<UiError>& errors) {
  std::string json = "{\"data\":";
  json += data;
  json += ",\"total\":" + std::to_string(total) + ",\"limit\":0,\"offset\":0,\"errors\":";
  return json + (errors.empty() ? "null" : list_of(errors, error_text)) + "}\n";
}

std::string ui_trace(const Trace& trace) {
  Processes processes;
  std::string json = "{\"traceID\":\"" + to_hex(trace.id) + "\",\"spans\":";
  json += list_of(trace.spans, [&](const SpanPtr& span) { return span_text(*span, processes.name_of(*span->process)); });
  return json + ",\"processes\":" + processes.text() + ",\"warnings\":null}";
}

std::string ui_name_list(const std::vector<std::string>& names) { return list_of(names, json_string); }

std::string ui_operation_list(const std::vector<std::pair<std::string, std::string>>& operations) {
  return list_of(operations, [](const auto& operation) {
    return "{\"name\":" + json_string(operation.first) + ",\"spanKind\":" + json_string(operation.second) + "}";
  });
}

}  // namespace jtrace::collector
