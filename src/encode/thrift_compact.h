// ThriftCompactEncoder: a datagram for a Jaeger agent: the call `emitBatch` of agent.thrift, which nobody answers, with a Batch
// of jaeger.thrift, in Thrift's compact protocol.
//
//   message := 82 81 01 09 "emitBatch"  1c batch 00       a call of type ONEWAY, sequence number 1
//   batch   := 1c process  19 list(c) span*  00
//   process := 18 name  [19 list(c) tag*]  00
//   span    := 16 trace-low  16 trace-high  16 span  16 parent  18 name  [19 list(c) reference*]  flags  16 start  16 duration
//              [19 list(c) tag*]  [19 or 29 list(c) log*]  00           flags := 15 or 25 number
//   reference := 15 type  16 trace-low  16 trace-high  16 span  00
//   tag     := 18 key  15 type  value  00
//   value   := 18 text | 27 double | 31 (true) | 32 (false) | 46 long | 58 bytes
//   log     := 16 time  19 list(c) tag*  00
//   list(c) := n << 4 | c, or fc n for 15 and more
//
// A field is one byte: how far its id is from the last one's, and its type. Numbers are zigzag varints, sizes plain varints, doubles
// eight bytes, the least significant first. Several messages in one datagram are not supported by anybody.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"
#include "encode/spanwise.h"

namespace jtrace::inline v1::detail {

class ThriftCompactEncoder final : public SpanwiseEncoder {
 public:
  // A message has at most that many bytes.
  ThriftCompactEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_bytes);

  void reopen(Batch& batch) const noexcept override;

 private:
  void put_span(std::string& to, const SpanData& span, bool is_first) const override;
  std::size_t end_size(std::uint32_t spans) const noexcept override;
  void put_end(Batch& batch) const noexcept override;
};

}  // namespace jtrace::inline v1::detail
