#include "query.h"

#include "json_ui.h"

namespace jtrace::collector {

HttpResponse Query::handle(const HttpRequest& request) const {
  const std::string prefix = "/api/traces/";
  if (request.path.starts_with(prefix)) {
    const auto id = parse_trace_id(request.path.substr(prefix.size()));
    const auto trace = id ? store_.find(*id) : std::nullopt;
    if (!trace) return {404, "application/json", ui_envelope("null", 0, {{404, "trace not found", ""}}), {}};
    return {200, "application/json", ui_envelope("[" + ui_trace(*trace) + "]", 0), {}};
  }
  return not_found();
}

}  // namespace jtrace::collector
