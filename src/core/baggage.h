// Baggage: what a context carries along beside its identity, in one block from the heap, shared by all contexts that have the
// same and immutable since then: baggage items, and the W3C's tracestate. Nearly every context has none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace jtrace::inline v1::detail {

struct BaggageItem {
  std::string_view key, value;
  std::string_view properties{};  // of the W3C's format: what follows the first ';', passed on as it came
};

// The block is followed by the tracestate and the items: each a key, a value and its properties. Each text has its size in front.
class Baggage {
 public:
  // All of it at once; its one owner is the caller. Null without memory.
  static const Baggage* make(std::span<const BaggageItem> items, std::string_view trace_state) noexcept;
  // A copy with the item set, or added at the end, owned likewise.
  static const Baggage* with(const Baggage* old, std::string_view key, std::string_view value) noexcept;

  void retain() const noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept;

  std::uint32_t size() const noexcept { return count_; }
  std::string_view trace_state() const noexcept {
    const char* at = texts();
    return take(at);
  }

  // Calls see(key, value) for each item.
  template <class F>
  void visit(F&& see) const {
    visit_items([&](const BaggageItem& item) { see(item.key, item.value); });
  }
  template <class F>
  void visit_items(F&& see) const {
    const char* at = texts();
    take(at);
    for (std::uint32_t i = 0; i < count_; ++i) {
      BaggageItem item;
      item.key = take(at);
      item.value = take(at);
      item.properties = take(at);
      see(item);
    }
  }

 private:
  explicit Baggage(std::uint32_t count) noexcept : count_(count) {}
  static Baggage* make_empty(std::uint32_t count, std::size_t bytes) noexcept;
  static std::string_view take(const char*& at) noexcept;
  static void put(char*& at, std::string_view text) noexcept;
  static void put(char*& at, const BaggageItem& item) noexcept;
  static std::size_t size_of(const BaggageItem& item) noexcept;
  const char* texts() const noexcept { return reinterpret_cast<const char*>(this + 1); }

  mutable std::atomic<std::uint32_t> owners_{1};
  const std::uint32_t count_;
};

}  // namespace jtrace::inline v1::detail
