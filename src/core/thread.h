// Thread: what jtrace knows of one thread, found by one thread_local pointer.
//
// Made at a thread's first span, given on when the thread ends, in memory that a forked child sees as zeros: `alive`
// is then 0 and the child's thread begins afresh. `busy` marks work on the members: a signal handler or an allocator
// that traces in between finds it set and is refused. Written by its thread only.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/frame.h"
#include "core/random.h"
#include "queue/node_pool.h"
#include "queue/thread_state.h"

namespace jtrace::inline v1::detail {

class Pipeline;
class Process;

struct alignas(128) Thread {
  std::uint32_t alive{};
  std::uint32_t busy{};
  Core* core{};          // the last one used, …
  Pipeline* pipeline{};  // … its pipeline in this process …
  ThreadState* state{};  // … and this thread's state there
  Frame* top{};
  Random random{};
  LocalNodes frames{};
  ThreadState* states{};  // in every queue, the newest first
  Process* process{};
  Thread* next_free{};
  bool is_ended{};  // a stand-in for threads whose own is gone
};

// Stand-ins, always busy: for threads that may not trace (the reporter's; one that is being attached), and for
// threads that have ended as far as jtrace can tell.
extern Thread blocked_thread;
extern Thread ended_thread;

// initial-exec: one load, no call. Trivially destructible: valid as long as the thread runs any code.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Thread* current_thread;

Thread* attach_thread() noexcept;

// Never null: a stand-in where there is nothing better.
inline Thread& this_thread() noexcept {
  Thread* thread = current_thread;
  if (!thread || thread->alive == 0) [[unlikely]] thread = attach_thread();
  return *thread;
}

// Marks the thread as being worked on, for the length of a block. Compiler fences are enough: whoever interrupts runs on the
// same thread.
class Busy {
 public:
  explicit Busy(Thread& thread) noexcept : thread_(thread) {
    thread_.busy = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~Busy() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread_.busy = 0;
  }
  Busy(const Busy&) = delete;

 private:
  Thread& thread_;
};

inline bool is_blocked() noexcept { return current_thread == &blocked_thread; }
// This thread may not trace from here on: the reporter's own.
inline void block_this_thread() noexcept { current_thread = &blocked_thread; }

}  // namespace jtrace::inline v1::detail
