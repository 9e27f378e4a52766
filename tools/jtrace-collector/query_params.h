// The parameters of a query, read strictly: a value that is not understood is an error, with the words of Jaeger.
//
// Jaeger has two dialects: the UI's (`service`, `minDuration`, microseconds) and that of version 3 (`query.serviceName`,
// RFC 3339). Both end as a `Search`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search.h"

namespace jtrace::collector {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Thrown by the readers below; the text is for the answer, status 400.
struct BadParameter {
  std::string message;
};

// The first parameter of that name, or empty.
std::string parameter(const Parameters& parameters, const std::string& name);

// `/api/traces`: a service or a trace id is required.
Search read_ui_search(const Parameters& parameters);

// The search page: as above, with nothing required.
Search read_page_search(const Parameters& parameters);

// `/api/v3/traces`: both ends of the time are required.
Search read_v3_search(const Parameters& parameters);

// A trace id, or BadParameter.
TraceId read_trace_id(const std::string& text);

// Microseconds of a duration as Go writes it: `1.5ms`, `2h3m`, `-1s`. Throws BadParameter.
double read_go_duration(const std::string& text);

// Microseconds since the Unix epoch of `2026-01-02T03:04:05.678Z` and its like with an offset.
std::optional<std::int64_t> parse_rfc3339(const std::string& text);

// Whether the text is a boolean as Go reads it; throws BadParameter when it is neither.
bool read_bool(const std::string& text);

}  // namespace jtrace::collector
