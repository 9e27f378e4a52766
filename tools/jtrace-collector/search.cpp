#include "search.h"

#include <algorithm>

#include "json_text.h"

namespace jtrace::collector {
namespace {

bool has_tag(const std::vector<Tag>& tags, const std::string& key, const std::string& text) {
  return std::any_of(tags.begin(), tags.end(),
                     [&](const Tag& tag) { return tag.key == key && search_text(tag.value) == text; });
}

bool has_tag(const Span& span, const std::string& key, const std::string& text) {
  return has_tag(span.tags, key, text) || has_tag(span.process->tags, key, text) ||
         std::any_of(span.logs.begin(), span.logs.end(),
                     [&](const Log& log) { return has_tag(log.fields, key, text); });
}

bool matches(const Span& span, const Search& search) {
  const auto duration = static_cast<double>(span.duration);
  if (!search.service.empty() && span.process->service != search.service) return false;
  if (!search.operation.empty() && span.operation != search.operation) return false;
  if (span.start < search.start_min || span.start > search.start_max) return false;
  if (search.duration_min > 0 && duration < search.duration_min) return false;
  if (search.duration_max > 0 && duration > search.duration_max) return false;
  return std::all_of(search.tags.begin(), search.tags.end(),
                     [&](const auto& tag) { return has_tag(span, tag.first, tag.second); });
}

bool matches(const Trace& trace, const Search& search) {
  return std::any_of(trace.spans.begin(), trace.spans.end(),
                     [&](const SpanPtr& span) { return matches(*span, search); });
}

}  // namespace

std::vector<Trace> find_traces(const Store& store, const Search& search) {
  std::vector<Trace> found;
  const bool by_id = !search.trace_ids.empty();
  for (const TraceId& id : by_id ? search.trace_ids : store.latest()) {
    auto trace = store.find(id);
    if (trace && (by_id || matches(*trace, search))) found.push_back(std::move(*trace));
    if (!by_id && search.limit != 0 && found.size() == search.limit) break;
  }
  return found;
}

std::string search_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return json_double(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (char byte : std::get<Binary>(value).bytes) {
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 0xf];
  }
  return hex;
}

}  // namespace jtrace::collector
