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
#include "encode/last_tags.h"
#include "encode/own_tags.h"
#include "encode/wide_spans.h"
#include "record/record_view.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

class ThriftBinaryEncoder {
 public:
  enum class Result : std::uint8_t { appended, full, too_large, no_memory };

  // `tags` beside the service name describe the process, once for all batches. `way` is not to be one that the CPU does not know.
  ThriftBinaryEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, const Sampler& sampler,
                      std::size_t max_batch_bytes, Way way = best_way());

  bool begin(Batch& batch) const noexcept;
  // Moves the run on by what was appended: to its end, or to the record that was not. full: it does not fit into this batch any
  // more; too_large: nor into an empty one. Nothing of it was added then.
  Result append(Batch& batch, Run& records, TickMap& time) noexcept;
  // The body is whole after this; append() may not be called again before begin().
  void end(Batch& batch) const noexcept;
  // As it was before end().
  void reopen(Batch& batch) const noexcept { batch.body.end_at(batch.body.end() - 1); }

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

  const std::size_t max_batch_bytes_;
  const Way way_;
  std::string head_;  // the batch up to the count of spans
  const OwnTags own_tags_;
  LastTags last_tags_;
};

}  // namespace jtrace::inline v1::detail
