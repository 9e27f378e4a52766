// Baggage: the items that a context carries along, in one block from the heap, shared by all contexts that have the same
// ones and immutable since then. Nearly every context has none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jtrace::inline v1::detail {

// The block is followed by its items: each a key and a value, each with its size in front.
class Baggage {
 public:
  // A copy with the item set, or added at the end; its one owner is the caller. Null without memory.
  static const Baggage* with(const Baggage* old, std::string_view key, std::string_view value) noexcept;

  void retain() const noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept;

  // Calls see(key, value) for each item.
  template <class F>
  void visit(F&& see) const {
    const char* at = reinterpret_cast<const char*>(this + 1);
    for (std::uint32_t i = 0; i < count_; ++i) {
      const std::string_view key = take(at);
      see(key, take(at));
    }
  }

 private:
  explicit Baggage(std::uint32_t count) noexcept : count_(count) {}
  static std::string_view take(const char*& at) noexcept;
  static void put(char*& at, std::string_view text) noexcept;

  mutable std::atomic<std::uint32_t> owners_{1};
  const std::uint32_t count_;
};

}  // namespace jtrace::inline v1::detail
