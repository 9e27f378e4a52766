// ThriftBinaryEncoder: a Batch of Jaeger's IDL (jaeger.thrift) in Thrift's binary protocol, written directly.
//
//   batch   := 0c 0001 process  0f 0002 0c count span*  00
//   process := 0b 0001 name  0f 0002 0c count tag*  00
//   span    := 0a 0001 trace-low  0a 0002 trace-high  0a 0003 span  0a 0004 parent  0b 0005 name
//              [0f 0006 0c count reference*]  08 0007 flags  0a 0008 start  0a 0009 duration
//              [0f 000a 0c count tag*]  [0f 000b 0c count log*]  00
//   reference := 08 0001 type  0a 0002 trace-low  0a 0003 trace-high  0a 0004 span  00
//   tag     := 0b 0001 key  08 0002 type  value  00
//   value   := 0b 0003 text | 04 0004 double | 02 0005 bool | 0a 0006 long | 0b 0007 bytes
//   log     := 0a 0001 time  0f 0002 0c count tag*  00
//
// Each field is a type byte and its id in two bytes; all numbers are big-endian; texts and lists carry their size in
// four bytes; times are microseconds. Invalid UTF-8 in names, keys and text values becomes U+FFFD; of several tags with
// one key the last one counts; a duration is at least 1 µs. The parent goes both into parentSpanId and into a CHILD_OF
// reference, since readers differ in which they look at.
//
// As a datagram for an agent, the batch is the argument of a call without an answer, `emitBatch` of agent.thrift:
//
//   message := 8001 0004  00000009 "emitBatch"  00000001 (a sequence number that nobody reads)  0c 0001 batch  00
//
// Used by one thread. The buffer grows to its largest batch and stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clock/tick_map.h"
#include "config/settings.h"
#include "encode/batch.h"
#include "encode/cursor.h"
#include "encode/encoder.h"
#include "encode/halves.h"
#include "encode/last_tags.h"
#include "encode/own_tags.h"
#include "encode/wide_spans.h"
#include "record/record_view.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

class ThriftBinaryEncoder final : public RecordEncoder {
 public:
  // What a body is: the batch alone, as over HTTP, or a message around it, as in a datagram.
  enum class Form : std::uint8_t { batch, message };

  // `tags` beside the service name describe the process, once for all batches. `way` is not to be one that the CPU does not know.
  ThriftBinaryEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, const Sampler& sampler,
                      std::size_t max_batch_bytes, Way way = best_way(), Form form = Form::batch);

  bool begin(Batch& batch) const noexcept override;
  Result append(Batch& batch, Run& records, TickMap& time) noexcept override;
  void end(Batch& batch) const noexcept override;
  void reopen(Batch& batch) const noexcept override { batch.body.end_at(batch.body.end() - stops()); }
  bool halve(Batch& batch, Batch& rest) const noexcept override { return form_ == Form::batch && detail::halve(batch, rest); }

 private:
  struct Work {
    ThriftBinaryEncoder& encoder;
    Batch& batch;
    TickMap& time;
  };
  Result append_generic(Batch& batch, Run& records, TickMap& time) noexcept;
  template <bool kMayBeRare>
  static char* put_span(char* to, RecordView record, const Work& work);
  static char* put_rare_span(const Work& work, RecordView record, char*& end, char*& limit);
  template <bool kMayBeRare>
  char* put_tags(char* list, RecordView record);
  template <bool kMayBeRare>
  bool put_distinct_tags(Tags& tags, RecordView record) const noexcept;

  // Bytes that end a body.
  std::ptrdiff_t stops() const noexcept { return form_ == Form::batch ? 1 : 2; }

  const std::size_t max_batch_bytes_;  // less what a message has behind its batch
  const Way way_;
  const Form form_;
  std::string head_;  // the batch up to the count of spans
  const OwnTags own_tags_;
  LastTags last_tags_;
};

}  // namespace jtrace::inline v1::detail
