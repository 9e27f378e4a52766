#include "query.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "json_otlp.h"
#include "json_ui.h"
#include "page.h"
#include "pretty.h"
#include "query_params.h"
#include "search.h"

namespace jtrace::collector {
namespace {

constexpr char kJson[] = "application/json";
constexpr char kHtml[] = "text/html; charset=utf-8";
constexpr char kNotFound[] = "trace not found";
constexpr char kServiceRequired[] = "parameter 'service' is required";

bool is_v3(const std::string& path) { return path.starts_with("/api/v3/"); }
bool is_ui_api(const std::string& path) { return path.starts_with("/api/") && !is_v3(path); }

// JSON, indented when the request asks for it.
HttpResponse json(const HttpRequest& request, std::string text) {
  const std::string pretty = parameter(request.parameters, "prettyPrint");
  if (!pretty.empty() && pretty != "false") text = indent_json(text);
  return {200, kJson, std::move(text), {}};
}

HttpResponse html(int status, std::string text) { return {status, kHtml, std::move(text), page_headers()}; }

// Errors have the form of the API that was asked. Jaeger sends them as text although they are JSON.
HttpResponse error(const HttpRequest& request, int status, const std::string& message) {
  if (is_v3(request.path)) return plain_error(status, otlp_error(status, message));
  if (!is_ui_api(request.path)) return html(status, message_page(status == 404 ? "Not found" : "Not understood", message));
  return {status, "text/plain; charset=utf-8", ui_envelope("null", 0, {{status, message, ""}}), {}};
}

std::string ui_traces_text(const std::vector<Trace>& traces) {
  std::string text = "[";
  for (const Trace& trace : traces) {
    if (text.size() > 1) text += ',';
    text += ui_trace(trace);
  }
  return text + "]";
}

// The optional parameters of a look-up have to be understood, though they change nothing here.
void check_look_up(const Parameters& parameters) {
  Parameters without_ids;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(without_ids),
               [](const auto& p) { return p.first == "raw" || p.first == "start" || p.first == "end"; });
  read_page_search(without_ids);
}

}  // namespace

HttpResponse Query::handle(const HttpRequest& request) const {
  // The first that fits counts.
  static const std::vector<Entry> kRoutes = {
      {"/", &Query::to_search},
      {"/search", &Query::search},
      {"/trace/", &Query::one_trace},
      {"/health", &Query::health},
      {"/api/traces", &Query::ui_traces},
      {"/api/traces/", &Query::ui_one_trace},
      {"/api/services", &Query::ui_services},
      {"/api/services/", &Query::ui_service_operations},
      {"/api/operations", &Query::ui_operations},
      {"/api/faults", &Query::faults},
      {"/api/v3/traces", &Query::v3_traces},
      {"/api/v3/traces/", &Query::v3_one_trace},
      {"/api/v3/services", &Query::v3_services},
      {"/api/v3/operations", &Query::v3_operations},
  };
  for (const Entry& entry : kRoutes) {
    const bool is_prefix = entry.path.size() > 1 && entry.path.ends_with('/');
    const bool fits = is_prefix ? request.path.starts_with(entry.path) && request.path.size() > entry.path.size()
                                : request.path == entry.path;
    if (fits) return dispatch(request, entry);
  }
  return not_found();
}

HttpResponse Query::dispatch(const HttpRequest& request, const Entry& entry) const {
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
  try {
    return (this->*entry.route)(request, request.path.substr(entry.path.size()));
  } catch (const BadParameter& problem) {
    return error(request, 400, problem.message);
  }
}

HttpResponse Query::ui_traces(const HttpRequest& request, const std::string&) const {
  const Search search = read_ui_search(request.parameters);
  std::vector<UiError> errors;
  for (const TraceId& id : search.trace_ids) {
    if (!store_.find(id)) errors.push_back({0, kNotFound, to_hex(id)});
  }
  return json(request, ui_envelope(ui_traces_text(find_traces(store_, search)), 0, errors));
}

HttpResponse Query::ui_one_trace(const HttpRequest& request, const std::string& rest) const {
  const TraceId id = read_trace_id(rest);
  check_look_up(request.parameters);
  const auto trace = store_.find(id);
  if (!trace) return error(request, 404, kNotFound);
  return json(request, ui_envelope(ui_traces_text({*trace}), 0));
}

HttpResponse Query::ui_services(const HttpRequest& request, const std::string&) const {
  const auto names = store_.services();
  return json(request, ui_envelope(ui_name_list(names), names.size()));
}

// /api/services/{service}/operations
HttpResponse Query::ui_service_operations(const HttpRequest& request, const std::string& rest) const {
  const std::string suffix = "/operations";
  if (!rest.ends_with(suffix) || rest.size() == suffix.size()) return not_found();
  std::set<std::string> names;
  for (const auto& [name, kind] : store_.operations(rest.substr(0, rest.size() - suffix.size()))) names.insert(name);
  return json(request, ui_envelope(ui_name_list({names.begin(), names.end()}), names.size()));
}

HttpResponse Query::ui_operations(const HttpRequest& request, const std::string&) const {
  const std::string service = parameter(request.parameters, "service");
  if (service.empty()) throw BadParameter{kServiceRequired};
  auto operations = store_.operations(service);
  const std::string wanted = parameter(request.parameters, "spanKind");
  if (!wanted.empty()) std::erase_if(operations, [&](const auto& operation) { return operation.second != wanted; });
  return json(request, ui_envelope(ui_operation_list(operations), operations.size()));
}

HttpResponse Query::v3_traces(const HttpRequest& request, const std::string&) const {
  const auto traces = find_traces(store_, read_v3_search(request.parameters));
  if (traces.empty()) return error(request, 404, "No traces found");
  return json(request, otlp_result(traces));
}

HttpResponse Query::v3_one_trace(const HttpRequest& request, const std::string& rest) const {
  TraceId id;
  try {
    id = read_trace_id(rest);
  } catch (const BadParameter& problem) {
    throw BadParameter{"malformed parameter trace_id: " + problem.message};
  }
  const auto trace = store_.find(id);
  if (!trace) return error(request, 404, "No traces found");
  return json(request, otlp_result({*trace}));
}

HttpResponse Query::v3_services(const HttpRequest& request, const std::string&) const {
  return json(request, otlp_services(store_.services()));
}

HttpResponse Query::v3_operations(const HttpRequest& request, const std::string&) const {
  auto operations = store_.operations(parameter(request.parameters, "service"));
  std::string wanted = parameter(request.parameters, "spanKind");
  if (wanted.empty()) wanted = parameter(request.parameters, "span_kind");
  if (!wanted.empty()) std::erase_if(operations, [&](const auto& operation) { return operation.second != wanted; });
  return json(request, otlp_operations(operations));
}

HttpResponse Query::search(const HttpRequest& request, const std::string&) const {
  // A form sends every field, also those that were left empty; they are as if they were not there.
  const auto traces = find_traces(store_, read_page_search(request.parameters));
  return html(200, search_page(store_.services(), request.parameters, traces));
}

HttpResponse Query::one_trace(const HttpRequest& request, const std::string& rest) const {
  const auto trace = store_.find(read_trace_id(rest));
  if (!trace) return error(request, 404, "The trace " + rest + " is not here: perhaps it has not arrived yet.");
  return html(200, trace_page(*trace));
}

HttpResponse Query::health(const HttpRequest& request, const std::string&) const {
  const StoreStats stats = store_.stats();
  const auto field = [](const char* name, auto value) { return ",\"" + std::string(name) + "\":" + std::to_string(value); };
  return json(request, "{\"status\":\"ok\"" + field("traces", stats.traces) + field("spans", stats.spans) +
                           field("bytes", stats.bytes) + field("received_spans", stats.received) +
                           field("duplicate_spans", stats.duplicates) + field("evicted_traces", stats.evicted) + "}\n");
}

HttpResponse Query::faults(const HttpRequest& request, const std::string&) const {
  return faults_ ? json(request, faults_()) : not_found();
}

HttpResponse Query::to_search(const HttpRequest&, const std::string&) const {
  return {302, "", "", {{"Location", "/search"}}};
}

}  // namespace jtrace::collector
