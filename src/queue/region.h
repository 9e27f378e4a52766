// Region: a stretch of anonymous memory, reserved once, touched lazily, and seen as zeros by a forked child.
//
// The wiping is done by the kernel (MADV_WIPEONFORK), so it holds for fork, _Fork and clone alike; where the kernel
// lacks it, an atfork handler maps fresh pages instead. Handles may point into a region for as long as the process
// lives: a region is never unmapped, only its pages are given back. Pages are of the usual size: where the system prefers
// huge ones, the first byte used of each region would take 2 MiB.
#pragma once

#include <cstddef>

namespace jtrace::inline v1::detail {

class Region {
 public:
  Region() noexcept = default;
  // Rounded up to pages. Without memory: data() is null.
  explicit Region(std::size_t bytes) noexcept;

  char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }

  // Brings pages in ahead of their first use, so that the user of them pays no page fault.
  void populate(std::size_t offset, std::size_t bytes) const noexcept;
  // Gives back the pages that lie within as a whole; they read as zeros afterwards.
  void discard(std::size_t offset, std::size_t bytes) const noexcept;

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace jtrace::inline v1::detail
