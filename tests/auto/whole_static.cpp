// The hooks alone in a program that is linked statically as a whole, where no other library stands behind them: a dlclose goes well,
// and exceptions are caught. What the hooks call is of no interest here.
#include <dlfcn.h>

#include <cstdio>

#include "auto/calls.h"
#include "auto/decisions.h"

namespace jtrace::automatic {
constinit std::atomic<const Table*> decisions{nullptr};
constinit const Table off_table{0, nullptr, 0};
const Name* decide(const void*) noexcept { return nullptr; }
void forget_decisions() noexcept {}
void begin_call(const void*, const Name&, std::uintptr_t) noexcept {}
void end_call(const void*, std::uintptr_t) noexcept {}
void end_calls_below(std::uintptr_t) noexcept {}
}  // namespace jtrace::automatic

int main() {
  void* const program = dlopen(nullptr, RTLD_NOW);
  const bool is_closed = dlclose(program) == 0;
  bool is_caught = false;
  try {
    throw 1;
  } catch (int) {
    is_caught = true;
  }
  std::printf("closed: %d, caught: %d\n", is_closed, is_caught);
  return is_closed && is_caught ? 0 : 1;
}
