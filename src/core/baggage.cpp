#include "core/baggage.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "jtrace/span_context.h"

namespace jtrace::inline v1::detail {

const Baggage* Baggage::with(const Baggage* old, std::string_view key, std::string_view value) noexcept {
  std::size_t bytes = 8 + key.size() + value.size();
  std::uint32_t count = 1;
  if (old) {
    old->visit([&](std::string_view old_key, std::string_view old_value) {
      if (old_key == key) return;
      bytes += 8 + old_key.size() + old_value.size();
      ++count;
    });
  }
  void* memory = std::malloc(sizeof(Baggage) + bytes);
  if (!memory) return nullptr;
  const auto* made = new (memory) Baggage(count);
  char* at = reinterpret_cast<char*>(memory) + sizeof(Baggage);
  bool is_set = false;
  if (old) {
    old->visit([&](std::string_view old_key, std::string_view old_value) {
      const bool same = old_key == key;
      put(at, old_key);
      put(at, same ? value : old_value);
      is_set = is_set || same;
    });
  }
  if (!is_set) {
    put(at, key);
    put(at, value);
  }
  return made;
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
  std::memcpy(at + sizeof size, text.data(), text.size());
  at += sizeof size + text.size();
}

void retain(const Baggage* baggage) noexcept { baggage->retain(); }
void release(const Baggage* baggage) noexcept { baggage->release(); }

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
