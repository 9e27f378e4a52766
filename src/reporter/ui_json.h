// A finished span in the words of Jaeger's UI JSON, which is also how Jaeger stores one in Elasticsearch:
//
//   span    := {"traceID":"…","spanID":"…","flags":1,"operationName":"…","references":[{"refType":"CHILD_OF","traceID":"…","spanID":"…"}],
//              "startTime":µs,"duration":µs,"tags":[tag…],"logs":[{"timestamp":µs,"fields":[tag…]}]
//   tag     := {"key":"…","type":"string","value":"…"}
//   process := {"serviceName":"…","tags":[tag…]}
//
// A span is left open, since what names its process follows. Trace ids of 64 bits have sixteen digits; a whole number beyond ±(2^53−1) is
// written as a text, BINARY as base64. Used by what writes files. All of it throws std::bad_alloc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "jtrace/reporter.h"

namespace jtrace::inline v1::detail::ui_json {

std::string trace_id(TraceId id);
void put_span(std::string& to, const FinishedSpan& span);
// What is no valid UTF-8 is repaired.
std::string process(std::string_view service_name, const std::vector<ProcessTag>& tags);

}  // namespace jtrace::inline v1::detail::ui_json
