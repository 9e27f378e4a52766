// Decisions: is the function at this address traced, and by which name? Decided once, at its first call, and then looked up.
//
//   addresses   [ 0 | 0x55…1a0 | 0 | 0x55…4f0 | … ]      open addressing; 0: nobody yet
//   names       [   | null     |   | → "a::f" | … ]      null: not traced
//
// Thread safety: any thread looks up, without a lock, in whatever table it finds; decide() adds under a lock of its own. A name is
// written before its address. A table that becomes half full is copied into one of twice the size; the old one stays, since
// somebody may be reading it, as names do for ever.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace jtrace::automatic {

struct Name {
  std::string text;
};

struct Place {
  std::atomic<const void*> function;
  std::atomic<const Name*> name;
};

struct Table {
  std::size_t mask;  // their number, less one
  Place* places;
  std::size_t used;  // by whoever holds the lock
};

// Null: nobody has asked yet. off_table: nothing is traced, since nobody asked for it.
extern constinit std::atomic<const Table*> decisions;
extern constinit const Table off_table;

struct Limits {
  std::int64_t minimum = 0;  // nanoseconds
  std::uint32_t depth = 0;
};
extern constinit Limits limits;  // written before the first table is

// Not in the table: decides, and adds it. Null: not traced, or this thread is within this very call already.
const Name* decide(const void* function) noexcept;
// Files have been unloaded: what was decided may be about others.
void forget_decisions() noexcept;

[[gnu::no_instrument_function]] inline std::size_t first_place(const Table& table, const void* function) noexcept {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio, as Knuth has it
  return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(function) * kSpread) >> 20) & table.mask;
}

// Null: it is not traced.
[[gnu::no_instrument_function]] inline const Name* find(const void* function) noexcept {
  const Table* table = decisions.load(std::memory_order_acquire);  // pairs with its release: the table is whole when seen
  if (table == &off_table) return nullptr;
  if (!table) [[unlikely]] return decide(function);
  for (std::size_t i = first_place(*table, function);; i = (i + 1) & table->mask) {
    // Acquire: pairs with the release in put(), so that the name is there.
    const void* known = table->places[i].function.load(std::memory_order_acquire);
    if (known == function) [[likely]] return table->places[i].name.load(std::memory_order_relaxed);
    if (!known) return decide(function);
  }
}

}  // namespace jtrace::automatic
