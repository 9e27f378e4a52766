// Traces as OTLP JSON, the form of `/api/v3`; translated as Jaeger v2 translates what comes as Thrift.
//
// Grammar (opentelemetry-proto's JSON form: camelCase, ids in hex, enums as numbers, 64-bit numbers as strings):
//
//   result   = {"result": {"resourceSpans": [{"resource": {"attributes"}, "scopeSpans": [{"scope": {}, "spans"}]}…]}}
//   span     = {"traceId", "spanId", "parentSpanId"?, "name", "kind"?, "startTimeUnixNano", "endTimeUnixNano",
//               "attributes"?, "events"?, "links"?, "status", "flags"?}
//   error    = {"error": {"httpCode", "message"}}
//
// The service becomes `service.name`; `span.kind`, a true `error` and `otel.status_code` become kind and status; the
// field `event` of a log becomes its name; references beside the parent become links. Of several tags with one key
// the last counts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model.h"

namespace jtrace::collector {

std::string otlp_result(const std::vector<Trace>& traces);

std::string otlp_error(int status, const std::string& message);

// {"services": […]}
std::string otlp_services(const std::vector<std::string>& services);

// {"operations": [{"name", "spanKind" unless empty}…]}
std::string otlp_operations(const std::vector<std::pair<std::string, std::string>>& operations);

}  // namespace jtrace::collector
