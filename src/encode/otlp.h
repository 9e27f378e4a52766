// What OTLP has of its own for things that are tags with Jaeger: a span's kind and status, an event's name, a resource. The
// mapping is that of OpenTelemetry's specification for Jaeger, backwards, so that a collector that maps forwards gives the same
// tags again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "record/span_data.h"

namespace jtrace::inline v1::detail {

struct OtlpSpan {
  explicit OtlpSpan(const SpanData& span) noexcept;

  // Has the tag become one of these? Then it is no attribute.
  bool is_told(const Field& tag) const noexcept { return &tag == kind_tag || &tag == error_tag || &tag == code_tag || &tag == message_tag; }

  unsigned kind = 0;         // 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0: none
  unsigned status = 0;       // 1 ok, 2 error; 0: unset
  std::string_view message;  // of an error
  const Field *kind_tag = nullptr, *error_tag = nullptr, *code_tag = nullptr, *message_tag = nullptr;
};

// The text field `event` of a log; null: there is none.
const Field* event_name(const SpanData& span, const LogData& log) noexcept;

// service.name first; `hostname` is `host.name` there. All of it valid UTF-8.
std::vector<ProcessTag> resource_attributes(std::string_view service_name, const std::vector<ProcessTag>& tags);

}  // namespace jtrace::inline v1::detail
