#include "json_otlp.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "json_text.h"
#include "otlp_status.h"

namespace jtrace::collector {
namespace {

std::string value_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "{\"stringValue\":" + json_string(*text) + "}";
  if (const auto* number = std::get_if<double>(&value)) return "{\"doubleValue\":" + json_double(*number) + "}";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "{\"boolValue\":true}" : "{\"boolValue\":false}";
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return "{\"intValue\":\"" + std::to_string(*number) + "\"}";
  }
  return "{\"bytesValue\":\"" + base64(std::get<Binary>(value).bytes) + "\"}";
}

std::string attribute(std::string_view key, const std::string& value) {
  return "{\"key\":" + json_string(key) + ",\"value\":" + value + "}";
}

std::string text_attribute(std::string_view key, std::string_view text) {
  return attribute(key, "{\"stringValue\":" + json_string(text) + "}");
}

// Joins pieces of JSON with commas.
class Joined {
 public:
  void add(const std::string& piece) {
    if (!text_.empty()) text_ += ',';
    text_ += piece;
  }
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

// The tags for which `keep` says yes; of those with one key the last, at the place of the first.
template <typename Keep>
std::vector<const Tag*> last_of_each_key(const std::vector<Tag>& tags, Keep keep) {
  std::vector<const Tag*> kept;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const Tag& tag : tags) {
    if (!keep(tag)) continue;
    const auto [place, is_new] = places.try_emplace(tag.key, kept.size());
    if (is_new) {
      kept.push_back(&tag);
    } else {
      kept[place->second] = &tag;
    }
  }
  return kept;
}

std::string span_attributes(const Span& span) {
  Joined list;
  for (const Tag* tag : last_of_each_key(span.tags, [&](const Tag& t) { return !is_told_by_status(span, t); })) {
    list.add(attribute(tag->key, value_text(tag->value)));
  }
  return list.text();
}

std::string process_attribute(const Tag& tag, bool has_host_name) {
  const auto* text = std::get_if<std::string>(&tag.value);
  if (tag.key == "hostname" && !has_host_name) return attribute("host.name", value_text(tag.value));
  if (tag.key == "jaeger.version" && text) return text_attribute("opencensus.exporterversion", "Jaeger-" + *text);
  return attribute(tag.key, value_text(tag.value));
}

std::string process_attributes(const Process& process) {
  const bool has_host_name = find_tag(process.tags, "host.name") != nullptr;
  Joined list;
  list.add(text_attribute("service.name", process.service));
  for (const Tag* tag : last_of_each_key(process.tags, [](const Tag& t) { return t.key != "service.name"; })) {
    list.add(process_attribute(*tag, has_host_name));
  }
  return list.text();
}

// Microseconds as nanoseconds in the unsigned 64 bits that OTLP has for them.
std::string nanoseconds(std::int64_t microseconds) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1000;
  return '"' + std::to_string(std::clamp<std::int64_t>(microseconds, 0, kMax) * 1000) + '"';
}

bool is_name(const Tag& field) { return field.key == "event" && std::holds_alternative<std::string>(field.value); }

std::string event_text(const Log& log) {
  std::string json = "{\"timeUnixNano\":" + nanoseconds(log.timestamp);
  const Value* name = find_tag(log.fields, "event");
  if (name && std::holds_alternative<std::string>(*name)) json += ",\"name\":" + json_string(std::get<std::string>(*name));
  Joined list;
  for (const Tag* field : last_of_each_key(log.fields, [](const Tag& t) { return !is_name(t); })) {
    list.add(attribute(field->key, value_text(field->value)));
  }
  if (!list.empty()) json += ",\"attributes\":[" + list.text() + "]";
  return json + "}";
}

std::string link_text(const Reference& reference) {
  const std::string_view type = reference.follows_from ? "follows_from" : "child_of";
  return "{\"traceId\":\"" + to_full_hex(reference.trace_id) + "\",\"spanId\":\"" + to_hex(reference.span_id) +
         "\",\"attributes\":[" + text_attribute("opentracing.ref_type", type) + "]}";
}

std::string events_and_links(const Span& span) {
  Joined events;
  for (const Log& log : span.logs) events.add(event_text(log));
  Joined links;
  bool parent_seen = false;
  const std::uint64_t parent = parent_of(span);
  for (const Reference& reference : span.references) {
    const bool is_parent = reference.trace_id == span.trace_id && reference.span_id == parent && !parent_seen;
    parent_seen = parent_seen || is_parent;
    if (!is_parent) links.add(link_text(reference));
  }
  std::string json;
  if (!events.empty()) json += ",\"events\":[" + events.text() + "]";
  if (!links.empty()) json += ",\"links\":[" + links.text() + "]";
  return json;
}

std::string status_text(const Span& span) {
  const OtlpStatus status = otlp_status(span);
  std::string json = ",\"status\":{";
  if (!status.message.empty()) json += "\"message\":" + json_string(status.message) + ",";
  return json + (status.code == 0 ? "}" : "\"code\":" + std::to_string(status.code) + "}");
}

std::string span_text(const Span& span) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const std::int64_t end = span.start > kMax - span.duration ? kMax : span.start + span.duration;
  std::string json = "{\"traceId\":\"" + to_full_hex(span.trace_id) + "\",\"spanId\":\"" + to_hex(span.span_id) + '"';
  if (const auto parent = parent_of(span); parent != 0) json += ",\"parentSpanId\":\"" + to_hex(parent) + '"';
  json += ",\"name\":" + json_string(span.operation);
  if (const int kind = otlp_kind(span); kind != 0) json += ",\"kind\":" + std::to_string(kind);
  json += ",\"startTimeUnixNano\":" + nanoseconds(span.start) + ",\"endTimeUnixNano\":" + nanoseconds(end);
  if (const std::string list = span_attributes(span); !list.empty()) json += ",\"attributes\":[" + list + "]";
  json += events_and_links(span) + status_text(span);
  return json + ((span.flags & 1) != 0 ? ",\"flags\":1}" : "}");
}

// The spans of one process stand together.
void add_resources(const Trace& trace, Joined& resources) {
  std::vector<std::pair<const Process*, Joined>> groups;
  for (const SpanPtr& span : trace.spans) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) {
      return known.first == span->process.get() || *known.first == *span->process;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {span->process.get(), Joined()});
    group->second.add(span_text(*span));
  }
  for (const auto& [process, spans] : groups) {
    resources.add("{\"resource\":{\"attributes\":[" + process_attributes(*process) +
                  "]},\"scopeSpans\":[{\"scope\":{},\"spans\":[" + spans.text() + "]}]}");
  }
}

}  // namespace

std::string otlp_result(const std::vector<Trace>& traces) {
  Joined resources;
  for (const Trace& trace : traces) add_resources(trace, resources);
  return "{\"result\":{\"resourceSpans\":[" + resources.text() + "]}}";
}

std::string otlp_error(int status, const std::string& message) {
  return "{\"error\":{\"httpCode\":" + std::to_string(status) + ",\"message\":" + json_string(message) + "}}";
}

std::string otlp_services(const std::vector<std::string>& services) {
  Joined list;
  for (const std::string& service : services) list.add(json_string(service));
  return "{\"services\":[" + list.text() + "]}";
}

std::string otlp_operations(const std::vector<std::pair<std::string, std::string>>& operations) {
  Joined list;
  for (const auto& [name, kind] : operations) {
    list.add("{\"name\":" + json_string(name) + (kind.empty() ? "" : ",\"spanKind\":" + json_string(kind)) + "}");
  }
  return "{\"operations\":[" + list.text() + "]}";
}

}  // namespace jtrace::collector
