// Encoder: turns records into the bytes of a batch, in one format. It is one half of a way out (reporter/way_out.h); the other
// is the Transport that carries the bytes.
//
//   begin ─▶ append ─▶ append ─▶ … ─▶ end ─▶ (reopen ─▶ append …)
//
// There are two kinds. A RecordEncoder reads records as they lie: ThriftBinaryEncoder, NoEncoder. A SpanwiseEncoder (spanwise.h) writes
// spans that somebody has decoded, as all the other formats do. Used by one thread.
#pragma once

#include <cstdint>

#include "clock/tick_map.h"
#include "encode/batch.h"
#include "record/record_view.h"

namespace jtrace::inline v1::detail {

class RecordEncoder;
class SpanwiseEncoder;

class Encoder {
 public:
  // Of an append(). full: it does not fit into this batch any more; too_large: nor into an empty one. Nothing of it was added then.
  enum class Result : std::uint8_t { appended, full, too_large, no_memory };

  virtual ~Encoder() = default;

  // An empty batch; false without memory.
  virtual bool begin(Batch& batch) const noexcept = 0;
  // The body is whole after this; append() may not be called again before begin() or reopen().
  virtual void end(Batch& batch) const noexcept = 0;
  // As it was before end().
  virtual void reopen(Batch& batch) const noexcept = 0;
  // Moves the second half of a whole batch into `rest`, see halves.h. False, and nothing has changed: not with this one.
  virtual bool halve(Batch& batch, Batch& rest) const noexcept = 0;

  // Itself, as what it is; the other one is null.
  RecordEncoder* of_records() noexcept;
  SpanwiseEncoder* of_spans() noexcept;

 protected:
  enum class Reads : std::uint8_t { records, spans };
  explicit Encoder(Reads what) noexcept : reads_(what) {}

 private:
  const Reads reads_;
};

class RecordEncoder : public Encoder {
 public:
  // Moves the run on by what was appended: to its end, or to the record that was not.
  virtual Result append(Batch& batch, Run& records, TickMap& time) noexcept = 0;

 protected:
  RecordEncoder() noexcept : Encoder(Reads::records) {}
};

inline RecordEncoder* Encoder::of_records() noexcept { return reads_ == Reads::records ? static_cast<RecordEncoder*>(this) : nullptr; }

}  // namespace jtrace::inline v1::detail
