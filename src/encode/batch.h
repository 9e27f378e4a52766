// Batch: the bytes of one POST, and what the books need to know of it. Its memory is kept and used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace jtrace::inline v1::detail {

// Bytes that grow by doubling and are written by pointer; a failed growth leaves them as they were.
class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::string_view view() const noexcept { return {data_, size_}; }
  void resize(std::size_t size) noexcept { size_ = size; }

  // Room for `more` bytes behind size(); null without memory.
  char* reserve(std::size_t more) noexcept {
    if (capacity_ - size_ < more && !grow(size_ + more)) return nullptr;
    return data_ + size_;
  }

 private:
  bool grow(std::size_t wanted) noexcept {
    std::size_t capacity = capacity_ ? capacity_ : 4096;
    while (capacity < wanted) capacity *= 2;
    auto* grown = static_cast<char*>(std::realloc(data_, capacity));
    if (!grown) return false;
    data_ = grown;
    capacity_ = capacity;
    return true;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

struct Batch {
  Buffer body;
  std::uint32_t spans = 0;

  void clear() noexcept {
    body.resize(0);
    spans = 0;
  }
};

}  // namespace jtrace::inline v1::detail
