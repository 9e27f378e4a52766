// OtlpProtobufEncoder: an ExportTraceServiceRequest of OpenTelemetry's protocol in protobuf's wire format, written directly.
//
//   batch    := 0a size { resource  12 size { (12 size span)* } }
//   resource := 0a size { (0a size attribute)* }
//   span     := 0a 10 trace-id  12 08 span-id  [22 08 parent-id]  2a text  [30 kind]  39 start  41 end
//               (4a size attribute)*  (5a size event)*  (6a size link)*  [7a size status]  85 01 flags
//   event    := 09 time  [12 text]  (1a size attribute)*
//   link     := 0a 10 trace-id  12 08 span-id  (22 size attribute)*
//   status   := [12 text]  18 code
//   attribute := 0a text  12 size value          value := 0a text | 10 bool | 18 integer | 21 double | 3a bytes
//
// A field is its number << 3 and its type in a varint; texts, bytes and messages carry their size in one; times are eight bytes, flags
// four, the least significant first; ids are big-endian. The sizes of the whole are known at the end, and put in front then.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"
#include "encode/spanwise.h"

namespace jtrace::inline v1::detail {

class OtlpProtobufEncoder final : public SpanwiseEncoder {
 public:
  OtlpProtobufEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_batch_bytes);

  void reopen(Batch& batch) const noexcept override;

 private:
  void put_span(std::string& to, const SpanData& span, bool is_first) const override;
  std::size_t end_size(std::uint32_t spans) const noexcept override;
  void put_end(Batch& batch) const noexcept override;
};

}  // namespace jtrace::inline v1::detail
