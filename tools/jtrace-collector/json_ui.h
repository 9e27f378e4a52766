// Jaeger's UI JSON, the form of `/api/traces` and of the files that its UI can load.
//
// Grammar (Jaeger's internal/uimodel, the shape that its UI reads):
//
//   envelope = {"data": D, "total": n, "limit": 0, "offset": 0, "errors": null | [{"code", "msg", "traceID"}]}
//   trace    = {"traceID", "spans": [span…], "processes": {"p1": {"serviceName", "tags": [tag…]}, …}, "warnings"}
//   span     = {"traceID", "spanID", "flags" unless 0, "operationName", "references": [{"refType", "traceID",
//               "spanID"}…], "startTime", "duration", "tags": [tag…], "logs": [{"timestamp", "fields": [tag…]}…],
//               "processID", "warnings"}
//   tag      = {"key", "type", "value"}; an int64 beyond ±(2^53−1) is a string, binary is base64
//
// The functions return text, since traces can be large and are written piece by piece. Bytes that are not UTF-8
// become U+FFFD.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model.h"

namespace jtrace::collector {

// Something that went wrong with one trace of a request.
struct UiError {
  int code = 0;  // 0: left out
  std::string message;
  std::string trace_id;  // empty: left out
};

// The whole answer around a JSON text.
std::string ui_envelope(std::string_view data, std::size_t total, const std::vector<UiError>& errors = {});

// One trace object.
std::string ui_trace(const Trace& trace);

// A list of strings.
std::string ui_name_list(const std::vector<std::string>& names);

// A list of {"name", "spanKind"}.
std::string ui_operation_list(const std::vector<std::pair<std::string, std::string>>& operations);

}  // namespace jtrace::collector
