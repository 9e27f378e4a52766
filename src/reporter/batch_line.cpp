#include "reporter/batch_line.h"

#include <new>
#include <utility>

namespace jtrace::inline v1::detail {

BatchLine::~BatchLine() {
  while (first_) first_ = std::move(first_->next);  // one after the other, however many
}

Batch* BatchLine::begin() noexcept {
  building_ = spare();
  if (building_) building_->number = next_number_;
  return building_.get();
}

Batch* BatchLine::reopen_last(std::size_t bytes) noexcept {
  if (size_ < 2 || last_->is_half || last_->is_full || last_->body.size() >= bytes) return nullptr;
  Batch* before = first_.get();
  while (before->next.get() != last_) before = before->next.get();
  bytes_ -= charge(*last_);
  --size_;
  next_number_ = last_->number;
  building_ = std::move(before->next);
  last_ = before;
  return building_.get();
}

void BatchLine::finish(std::int64_t now) noexcept {
  if (!building_) return;
  if (building_->spans == 0) return cancel();
  building_->built = now;
  ++next_number_;
  ++size_;
  bytes_ += charge(*building_);
  Batch* const batch = building_.get();
  (first_ ? last_->next : first_) = std::move(building_);
  last_ = batch;
}

void BatchLine::insert_second(Link batch) noexcept {
  ++size_;
  bytes_ += charge(*batch);
  if (last_ == first_.get()) last_ = batch.get();
  batch->next = std::move(first_->next);
  first_->next = std::move(batch);
}

std::uint32_t BatchLine::drop_over_budget(bool is_sending) noexcept {
  Link& oldest = is_sending && first_ ? first_->next : first_;
  if (bytes_ <= budget_ || !oldest || oldest.get() == last_) return 0;
  const std::uint32_t spans = oldest->spans;
  release(take(oldest));
  return spans;
}

std::uint64_t BatchLine::spans() const noexcept {
  std::uint64_t sum = building_ ? building_->spans : 0;
  for (const Batch* batch = first_.get(); batch; batch = batch->next.get()) sum += batch->spans;
  return sum;
}

BatchLine::Link BatchLine::spare() noexcept {
  if (!spare_) return Link(new (std::nothrow) Batch);
  --spares_;
  Link batch = std::move(spare_);
  spare_ = std::move(batch->next);
  return batch;
}

// `place` is never the last one's unless it is the only one.
BatchLine::Link BatchLine::take(Link& place) noexcept {
  Link batch = std::move(place);
  place = std::move(batch->next);
  if (last_ == batch.get()) last_ = nullptr;
  --size_;
  bytes_ -= charge(*batch);
  return batch;
}

void BatchLine::release(Link batch) noexcept {
  if (!batch || spares_ == kSpares) return;
  batch->clear();
  batch->next = std::move(spare_);
  spare_ = std::move(batch);
  ++spares_;
}

}  // namespace jtrace::inline v1::detail
