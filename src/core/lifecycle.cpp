#include "core/lifecycle.h"

#include <cstdlib>

#include "core/core.h"

namespace jtrace::inline v1::detail {
namespace {

void flush_all() {
  for (Core* core = Core::all(); core; core = core->next_in_list()) core->close_at_exit();
}

}  // namespace

void flush_at_exit() noexcept {
  static bool registered = false;
  if (!registered) registered = std::atexit(flush_all) == 0 && std::at_quick_exit(flush_all) == 0;
}

}  // namespace jtrace::inline v1::detail
