// Kind and status of a span as OpenTelemetry has them, read from the tags in which Jaeger's clients put them.
//
// The rules are those of the OpenTelemetry collector's translation from Jaeger's Thrift; numbers are OTLP's.
#pragma once

#include <string>

#include "model.h"

namespace jtrace::collector {

// 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 when `span.kind` is missing or unknown.
int otlp_kind(const Span& span);

struct OtlpStatus {
  int code = 0;  // 0 unset, 1 ok, 2 error
  std::string message;
};

// A true `error` decides, then `otel.status_code`, then `http.status_code`.
OtlpStatus otlp_status(const Span& span);

// Whether the tag has become kind or status and is no attribute any more.
bool is_told_by_status(const Span& span, const Tag& tag);

}  // namespace jtrace::collector
