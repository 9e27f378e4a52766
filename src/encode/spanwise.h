// SpanwiseEncoder: what the formats that are written from a decoded span have in common: batches with an exact size. A format
// says how a batch begins, how one span looks, and how the batch ends for so many spans; the rest is here.
//
//   batch := head  span*  what put_end() puts behind (and, where the head knows of the number of spans, into it)
//
// Used by one thread.
#pragma once

#include <string>

#include "encode/encoder.h"
#include "record/span_data.h"

namespace jtrace::inline v1::detail {

class SpanwiseEncoder : public Encoder {
 public:
  bool begin(Batch& batch) const noexcept override;
  Result append(Batch& batch, const SpanData& span) noexcept;
  void end(Batch& batch) const noexcept override;
  void reopen(Batch& batch) const noexcept override { batch.body.end_at(batch.body.data() + batch.open_size); }
  bool halve(Batch&, Batch&) const noexcept override { return false; }

 protected:
  explicit SpanwiseEncoder(std::size_t max_batch_bytes) noexcept : Encoder(Reads::spans), max_batch_bytes_(max_batch_bytes) {}

  // What a batch begins with, made once. Throws std::bad_alloc.
  void set_head(std::string head) noexcept { head_ = std::move(head); }
  const std::string& head() const noexcept { return head_; }

 private:
  // One span, the first of its batch or not, behind the text.
  virtual void put_span(std::string& to, const SpanData& span, bool is_first) const = 0;
  // Bytes that end() adds to a batch of so many spans.
  virtual std::size_t end_size(std::uint32_t spans) const noexcept = 0;
  // Adds them: there is room behind the body.
  virtual void put_end(Batch& batch) const noexcept = 0;

  const std::size_t max_batch_bytes_;
  std::string head_;
  std::string span_;  // being written; its memory is used again
};

inline SpanwiseEncoder* Encoder::of_spans() noexcept { return reads_ == Reads::spans ? static_cast<SpanwiseEncoder*>(this) : nullptr; }

}  // namespace jtrace::inline v1::detail
