#include "seen_trace.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "scenario.h"
#include "text.h"

namespace jtrace_send {
namespace {

using nlohmann::json;

// ---- Reading any JSON without surprises: what is not there, or of another type, is empty
// ------------------------

const json& member(const json& object, const char* key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

const json& list(const json& object, const char* key) {
  static const json empty = json::array();
  const json& found = member(object, key);
  return found.is_array() ? found : empty;
}

std::string text(const json& object, const char* key) {
  const json& found = member(object, key);
  return found.is_string() ? found.get<std::string>() : std::string();
}

json parse(std::string_view body) {
  return json::parse(body, nullptr, /*allow_exceptions=*/false);
}

// ---- OTLP
// ---------------------------------------------------------------------------------------------------------

// "No parent" in hex and in base64.
bool is_no_parent(const std::string& id) {
  return std::all_of(id.begin(), id.end(), [](char c) { return c == '0'; }) || id == "AAAAAAAAAAA=";
}

bool is_otlp_error(const json& span) {
  const json& code = member(member(span, "status"), "code");
  if (code == 2 || code == "STATUS_CODE_ERROR") return true;
  const json& attributes = list(span, "attributes");
  return std::any_of(attributes.begin(), attributes.end(), [](const json& attribute) {
    return text(attribute, "key") == "error" && member(member(attribute, "value"), "boolValue") == true;
  });
}

SeenSpan read_otlp_span(const json& span) {
  SeenSpan seen{text(span, "spanId"), text(span, "parentSpanId"), text(span, "name"), is_otlp_error(span)};
  if (is_no_parent(seen.parent)) seen.parent.clear();
  return seen;
}

// ---- The UI's form
// ------------------------------------------------------------------------------------------------

std::string ui_parent(const json& span) {
  for (const json& reference : list(span, "references")) {
    const bool is_here = text(reference, "traceID") == text(span, "traceID");
    if (is_here && text(reference, "refType") == "CHILD_OF") return text(reference, "spanID");
  }
  return {};
}

bool is_ui_error(const json& span) {
  const json& tags = list(span, "tags");
  return std::any_of(tags.begin(), tags.end(), [](const json& tag) {
    return text(tag, "key") == "error" && member(tag, "value") == true;
  });
}

// ---- Comparing
// ----------------------------------------------------------------------------------------------------

// A sender that tried twice may have stored a span twice.
std::vector<SeenSpan> without_duplicates(std::vector<SeenSpan> spans) {
  const auto order = [](const SeenSpan& span) { return std::tie(span.id, span.name); };
  std::sort(spans.begin(), spans.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  const auto same = [&](const auto& a, const auto& b) { return order(a) == order(b); };
  spans.erase(std::unique(spans.begin(), spans.end(), same), spans.end());
  return spans;
}

const SeenSpan* find(const std::vector<SeenSpan>& spans, std::string_view name) {
  const auto found =
      std::find_if(spans.begin(), spans.end(), [&](const SeenSpan& span) { return span.name == name; });
  return found == spans.end() ? nullptr : &*found;
}

std::string difference_of(Step step, const std::vector<SeenSpan>& spans, bool is_failing,
                          bool compare_errors) {
  const StepShape& shape = kScenario[step];
  const std::string name(shape.name);
  const SeenSpan& span = *find(spans, shape.name);
  const std::string wanted_parent = shape.parent == step ? "" : find(spans, kScenario[shape.parent].name)->id;
  if (span.parent != wanted_parent)
    return wanted_parent.empty() ? name + " is not the root"
                                 : name + " is not a child of " + std::string(kScenario[shape.parent].name);
  const bool wanted_error = is_failing && shape.fails_with_trace;
  if (compare_errors && span.is_error != wanted_error)
    return name + (wanted_error ? " has no error mark" : " is marked as an error");
  return {};
}

}  // namespace

LookUp read_v3(std::string_view body) {
  const json document = parse(body);
  LookUp result;
  // {"result":{…}} or {"error":{"httpCode":404,…}}
  result.is_answer = member(document, "result").is_object() || member(document, "error").is_object();
  SeenTrace trace;
  for (const json& resource : list(member(document, "result"), "resourceSpans")) {
    for (const json& scope : list(resource, "scopeSpans")) {
      for (const json& span : list(scope, "spans")) trace.spans.push_back(read_otlp_span(span));
    }
  }
  if (!trace.spans.empty()) result.trace = std::move(trace);
  return result;
}

LookUp read_ui(std::string_view body) {
  const json document = parse(body);
  LookUp result;
  // {"data":[…],…} or {"data":null,…,"errors":[…]}
  result.is_answer = document.is_object() && document.contains("data");
  SeenTrace trace;
  for (const json& one : list(document, "data")) {
    for (const json& span : list(one, "spans"))
      trace.spans.push_back(
          {text(span, "spanID"), ui_parent(span), text(span, "operationName"), is_ui_error(span)});
  }
  if (!trace.spans.empty()) result.trace = std::move(trace);
  return result;
}

std::string difference(const SeenTrace& seen, bool is_failing, bool compare_errors) {
  const std::vector<SeenSpan> spans = without_duplicates(seen.spans);
  for (const StepShape& shape : kScenario) {
    if (!find(spans, shape.name)) return "the span " + std::string(shape.name) + " is missing";
  }
  if (spans.size() > kSteps)
    return "there are " + count_of(spans.size(), "span") + " instead of " + std::to_string(kSteps);
  for (std::size_t step = 0; step < kSteps; ++step) {
    std::string found = difference_of(static_cast<Step>(step), spans, is_failing, compare_errors);
    if (!found.empty()) return found;
  }
  return {};
}

std::string difference(const SeenTrace& seen, const Tree& tree, bool is_failing, bool compare_errors) {
  const std::vector<SeenSpan> spans = without_duplicates(seen.spans);
  if (spans.size() != tree.spans)
    return "there are " + count_of(spans.size(), "span") + " instead of " + with_separators(tree.spans);
  std::map<std::string, std::string> names;  // by id
  for (const SeenSpan& span : spans) names[span.id] = span.name;
  std::map<std::string, std::uint64_t> missing;  // spans, by their name and that of their parent
  const auto edge = [](const std::string& name, const std::string& parent) { return name + " < " + parent; };
  for (std::uint64_t span = 0; span < tree.spans; ++span) {
    const std::uint64_t level = tree.level_of(span);
    ++missing[edge(name_of_level(level), level == 1 ? "" : name_of_level(level - 1))];
  }
  std::uint64_t errors = 0;
  for (const SeenSpan& span : spans) {
    const std::string parent = span.parent.empty() ? "" : names[span.parent];
    if (missing[edge(span.name, parent)]-- == 0) return "a span " + span.name + " is not where it was sent";
    if (span.is_error) ++errors;
  }
  const std::uint64_t wanted = is_failing ? tree.depth : 0;
  if (compare_errors && errors != wanted)
    return count_of(errors, "span") + " marked as an error instead of " + with_separators(wanted);
  return {};
}

}  // namespace jtrace_send
