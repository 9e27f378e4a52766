// NoEncoder: batches without bytes, for a tracer whose spans go to reporters of the program alone. The worker counts and settles
// them like any others, so that the law of Stats holds without a collector. Used by the reporter's thread.
#pragma once

#include "encode/encoder.h"

namespace jtrace::inline v1::detail {

class NoEncoder final : public RecordEncoder {
 public:
  bool begin(Batch& batch) const noexcept override { return batch.clear(), true; }
  Result append(Batch& batch, Run& records, TickMap&) noexcept override {
    for (; !records.is_read(); ++batch.spans) records.at += RecordView(records.at).header().size;
    return Result::appended;
  }
  void end(Batch&) const noexcept override {}
  void reopen(Batch&) const noexcept override {}
  bool halve(Batch&, Batch&) const noexcept override { return false; }
};

}  // namespace jtrace::inline v1::detail
