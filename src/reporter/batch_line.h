// BatchLine: the batches between encoder and transport, in the order in which they were built.
//
//   building ──finish──▶ ready: first, second, … last          spare: buffers to be used again
//                          │      └── the oldest that does not fit into the budget goes
//                          └── under way, or the next to be sent
//
// The line is short as long as the far side answers. When it does not, batches wait here for another attempt, up to a budget in
// bytes; the oldest goes first then, since what is new is worth more. A small batch counts for more than its bytes, because of
// its buffer.
//
// Used by the reporter's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "encode/batch.h"

namespace jtrace::inline v1::detail {

class BatchLine {
 public:
  explicit BatchLine(std::int64_t budget) noexcept : budget_(static_cast<std::size_t>(budget)) {}
  ~BatchLine();
  BatchLine(const BatchLine&) = delete;
  BatchLine& operator=(const BatchLine&) = delete;

  // The batch being built; null if there is none.
  Batch* building() noexcept { return building_.get(); }
  // An empty one; null without memory.
  Batch* begin() noexcept;
  // The last one of the line goes on being built, if it is not the first, not full and has fewer bytes than that; else null. So
  // a line that does not move has few small batches, however often somebody flushes.
  Batch* reopen_last(std::size_t bytes) noexcept;
  // To the end of the line; or back among the spare ones, if nothing is in it.
  void finish(std::int64_t now) noexcept;
  void cancel() noexcept { release(std::move(building_)); }

  bool is_empty() const noexcept { return first_ == nullptr; }
  std::size_t size() const noexcept { return size_; }
  Batch& first() noexcept { return *first_; }
  void pop_first() noexcept { release(take(first_)); }
  // Behind the first one, as its other half.
  void insert_second(std::unique_ptr<Batch> batch) noexcept;
  std::unique_ptr<Batch> spare() noexcept;

  // Over the budget: takes out the oldest, but for the first one if that is under way, and tells its spans; else 0.
  std::uint32_t drop_over_budget(bool is_sending) noexcept;

  // The number of the oldest batch that is not settled, and of the next one to be built.
  std::uint64_t oldest() const noexcept { return first_ ? first_->number : building_ ? building_->number : next_number_; }
  std::uint64_t next_number() const noexcept { return next_number_; }
  // Of all batches.
  std::uint64_t spans() const noexcept;

 private:
  static constexpr std::size_t kLeastCharge = 64 * 1024;
  static constexpr std::size_t kSpares = 3;
  using Link = std::unique_ptr<Batch>;

  static std::size_t charge(const Batch& batch) noexcept { return batch.body.size() < kLeastCharge ? kLeastCharge : batch.body.size(); }
  // Out of the list at this place.
  Link take(Link& place) noexcept;
  void release(Link batch) noexcept;

  const std::size_t budget_;
  Link building_, first_, spare_;
  Batch* last_ = nullptr;
  std::size_t size_ = 0, bytes_ = 0, spares_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace jtrace::inline v1::detail
