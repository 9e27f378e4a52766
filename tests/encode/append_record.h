// One record into a batch, whether the encoder reads records or writes decoded spans.
#pragma once

#include "encode/spanwise.h"
#include "record/record_builder.h"
#include "record/span_data.h"

namespace fixture {

inline jtrace::detail::Encoder::Result append_record(jtrace::detail::Encoder& encoder, jtrace::detail::Batch& batch, RecordBuilder& span,
                                                     const jtrace::detail::Sampler& sampler, jtrace::detail::TickMap& map) {
  using namespace jtrace::detail;
  const char* const at = span.build();
  Run run{at, at + span.size()};
  if (RecordEncoder* const of_records = encoder.of_records()) return of_records->append(batch, run, map);
  return encoder.of_spans()->append(batch, SpanReader(sampler).read(RecordView(at), map));
}

}  // namespace fixture
