#include "encode/spanwise.h"

#include <cstring>
#include <new>

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kMostAtEnd = 64;

bool add(Buffer& body, std::string_view bytes) noexcept {
  if (!body.reserve(bytes.size() + kMostAtEnd)) return false;
  std::memcpy(body.end(), bytes.data(), bytes.size());
  body.end_at(body.end() + bytes.size());
  return true;
}

}  // namespace

bool SpanwiseEncoder::begin(Batch& batch) const noexcept {
  batch.clear();
  return add(batch.body, head_);
}

Encoder::Result SpanwiseEncoder::append(Batch& batch, const SpanData& span) noexcept {
  try {
    span_.clear();
    put_span(span_, span, batch.spans == 0);
  } catch (const std::bad_alloc&) {
    return Result::no_memory;
  }
  if (batch.body.size() + span_.size() + end_size(batch.spans + 1) > max_batch_bytes_)
    return batch.spans == 0 ? Result::too_large : Result::full;
  if (!add(batch.body, span_)) return Result::no_memory;
  ++batch.spans;
  return Result::appended;
}

void SpanwiseEncoder::end(Batch& batch) const noexcept {
  batch.open_size = batch.body.size();
  put_end(batch);
}

}  // namespace jtrace::inline v1::detail
