#include "core/baggage.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kSizeBytes = sizeof(std::uint32_t);

}  // namespace

const Baggage* Baggage::make(std::span<const BaggageItem> items, std::string_view trace_state) noexcept {
  std::size_t bytes = kSizeBytes + trace_state.size();
  for (const BaggageItem& item : items) bytes += size_of(item);
  Baggage* made = make_empty(static_cast<std::uint32_t>(items.size()), bytes);
  if (!made) return nullptr;
  char* at = reinterpret_cast<char*>(made + 1);
  put(at, trace_state);
  for (const BaggageItem& item : items) put(at, item);
  return made;
}

const Baggage* Baggage::with(const Baggage* old, std::string_view key, std::string_view value) noexcept {
  const BaggageItem set{key, value};
  if (!old) return make({&set, 1}, {});
  const std::string_view trace_state = old->trace_state();
  std::size_t bytes = kSizeBytes + trace_state.size() + size_of(set);
  std::uint32_t count = 1;
  old->visit_items([&](const BaggageItem& item) {
    if (item.key == key) return;
    bytes += size_of(item);
    ++count;
  });
  Baggage* made = make_empty(count, bytes);
  if (!made) return nullptr;
  char* at = reinterpret_cast<char*>(made + 1);
  put(at, trace_state);
  bool is_set = false;
  old->visit_items([&](const BaggageItem& item) {
    put(at, item.key == key ? set : item);
    is_set = is_set || item.key == key;
  });
  if (!is_set) put(at, set);
  return made;
}

Baggage* Baggage::make_empty(std::uint32_t count, std::size_t bytes) noexcept {
  void* memory = std::malloc(sizeof(Baggage) + bytes);
  return memory ? new (memory) Baggage(count) : nullptr;
}

void Baggage::release() const noexcept {
  // release and acquire: the last owner frees after everybody's last look.
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(const_cast<Baggage*>(this));
}

std::string_view Baggage::take(const char*& at) noexcept {
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  const char* text = at + sizeof size;
  at = text + size;
  return {text, size};
}

void Baggage::put(char*& at, std::string_view text) noexcept {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::memcpy(at, &size, sizeof size);
  if (!text.empty()) std::memcpy(at + sizeof size, text.data(), text.size());
  at += sizeof size + text.size();
}

void Baggage::put(char*& at, const BaggageItem& item) noexcept {
  put(at, item.key);
  put(at, item.value);
  put(at, item.properties);
}

std::size_t Baggage::size_of(const BaggageItem& item) noexcept {
  return 3 * kSizeBytes + item.key.size() + item.value.size() + item.properties.size();
}

void retain(const Baggage* baggage) noexcept { baggage->retain(); }
void release(const Baggage* baggage) noexcept { baggage->release(); }

bool has_items(const Baggage* baggage) noexcept { return baggage->size() != 0; }
std::string_view trace_state(const Baggage* baggage) noexcept { return baggage->trace_state(); }

std::string_view baggage_item(const Baggage* baggage, std::string_view key) noexcept {
  std::string_view found;
  baggage->visit([&](std::string_view item, std::string_view value) {
    if (item == key) found = value;
  });
  return found;
}

void visit_baggage(const Baggage* baggage, void* state, void (*see)(void*, std::string_view, std::string_view)) {
  baggage->visit([&](std::string_view key, std::string_view value) { see(state, key, value); });
}

}  // namespace jtrace::inline v1::detail
