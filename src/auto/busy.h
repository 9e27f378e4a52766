// Busy: this thread is at work for automatic tracing. What it calls meanwhile, and what interrupts it, is not traced: an
// instrumented allocator, a signal handler, a sink of the log.
#pragma once

namespace jtrace::automatic {

// Trivial, so that it can be used as long as the thread runs any code.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local bool is_busy;

class Busy {
 public:
  Busy() noexcept { is_busy = true; }
  ~Busy() { is_busy = false; }
  Busy(const Busy&) = delete;
};

}  // namespace jtrace::automatic
