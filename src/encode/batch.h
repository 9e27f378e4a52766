// Batch: the bytes of one POST, and what the books need to know of it. Its memory is kept and used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace jtrace::inline v1::detail {

// Bytes that grow at least by doubling and are written by pointer; a failed growth leaves them as they were.
class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  char* end() noexcept { return end_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - data_); }
  std::string_view view() const noexcept { return {data_, size()}; }

  // Room for `more` bytes behind end(); false without memory.
  bool reserve(std::size_t more) noexcept {
    return static_cast<std::size_t>(limit_ - end_) >= more || grow(more);
  }
  void clear() noexcept { end_ = data_; }
  // What is written up to there counts.
  void end_at(char* end) noexcept { end_ = end; }

 private:
  bool grow(std::size_t more) noexcept;

  char* data_ = nullptr;
  char* end_ = nullptr;
  char* limit_ = nullptr;
};

[[gnu::noinline]] inline bool Buffer::grow(std::size_t more) noexcept {
  const std::size_t used = size();
  const std::size_t capacity = std::max(used + more, 2 * static_cast<std::size_t>(limit_ - data_));
  auto* grown = static_cast<char*>(std::realloc(data_, capacity));
  if (!grown) return false;
  data_ = grown;
  end_ = grown + used;
  limit_ = grown + capacity;
  return true;
}

struct Batch {
  Buffer body;
  std::uint32_t spans = 0;
  std::size_t open_size = 0;     // of the body before its end was put; for encoders that reopen it
  bool is_half = false;          // of a batch that was too large for the far side
  bool is_full = false;          // the next record did not fit
  std::uint64_t number = 0;      // in the order of building
  std::int64_t built = 0;        // CLOCK_MONOTONIC, nanoseconds
  std::unique_ptr<Batch> next;   // in a line of batches

  void clear() noexcept {
    body.clear();
    spans = 0;
    is_half = is_full = false;
  }
};

}  // namespace jtrace::inline v1::detail
