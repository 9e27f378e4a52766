// OtlpJsonEncoder: an ExportTraceServiceRequest of OpenTelemetry's protocol, as JSON: names in lowerCamelCase, ids in hex, other bytes in
// base64, enums as numbers, 64-bit integers as texts.
//
//   batch := {"resourceSpans":[{"resource":{"attributes":[attribute,…]},"scopeSpans":[{"spans":[span,…]}]}]}
//   span  := {"traceId":"32 digits","spanId":"16 digits","parentSpanId":"…","flags":1,"name":"…","kind":3,"startTimeUnixNano":"…",
//             "endTimeUnixNano":"…","attributes":[attribute,…],"events":[{"timeUnixNano":"…","name":"…","attributes":[…]},…],
//             "links":[{"traceId":"…","spanId":"…","attributes":[…]},…],"status":{"message":"…","code":2}}
//   attribute := {"key":"…","value":{"stringValue":"…"}}    or boolValue, intValue ("5"), doubleValue, bytesValue
//
// What is empty or zero is left out.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"
#include "encode/spanwise.h"

namespace jtrace::inline v1::detail {

class OtlpJsonEncoder final : public SpanwiseEncoder {
 public:
  OtlpJsonEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_batch_bytes);

 private:
  void put_span(std::string& to, const SpanData& span, bool is_first) const override;
  std::size_t end_size(std::uint32_t spans) const noexcept override;
  void put_end(Batch& batch) const noexcept override;
};

}  // namespace jtrace::inline v1::detail
