// Thread: what jtrace knows of one thread, found by one thread_local pointer.
//
// Made at a thread's first span, given on when the thread ends, in memory that a forked child sees as zeros. One word,
// `idle`, tells the fast path that all is well: the thread is attached, the process is not a fresh child, and nobody is at work on
// the members. While somebody is, a signal handler or an allocator that traces in between finds it 0 and is refused.
// Written by its thread only.
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
  std::uint32_t idle{};      // 1: attached, and nobody at work
  std::uint32_t attached{};  // 0: wiped by a fork, or a stand-in
  Core* core{};          // the last one used, …
  Pipeline* pipeline{};  // … its pipeline in this process …
  ThreadState* state{};  // … and this thread's state there
  Frame* top{};
  Random random{};
  LocalNodes frames{};
  ThreadState* states{};  // in every queue, the newest first
  Process* process{};
  Thread* next_free{};
  const unsigned* uncaught{};  // the C++ runtime's count of this thread's uncaught exceptions
};

// Stand-ins, never idle: for a thread that has not traced yet; for one that may not trace (the reporter's, or one that is
// being attached); for one that has ended as far as jtrace can tell.
extern Thread new_thread;
extern Thread blocked_thread;
extern Thread ended_thread;

// Never null. initial-exec: one load, no call. Trivially destructible: valid as long as the thread runs any code.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Thread* current_thread;

// For a thread that is not idle: attaches it if it is new, or a forked child's. Null if it may not trace now.
Thread* attach_thread() noexcept;

// Null: this thread may not trace, or was interrupted at work.
inline Thread* idle_thread() noexcept {
  Thread* thread = current_thread;
  return thread->idle != 0 ? thread : attach_thread();
}

// Marks the thread as being worked on, for the length of a block. Compiler fences are enough: whoever interrupts runs on
// the same thread.
class Busy {
 public:
  explicit Busy(Thread& thread) noexcept : thread_(thread) { begin(thread_); }
  ~Busy() { end(thread_); }
  Busy(const Busy&) = delete;

  // For the few functions whose way out is a call.
  static void begin(Thread& thread) noexcept {
    thread.idle = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  static void end(Thread& thread) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread.idle = 1;
  }

 private:
  Thread& thread_;
};

inline bool is_blocked() noexcept { return current_thread == &blocked_thread; }
inline bool is_ended() noexcept { return current_thread == &ended_thread; }
// This thread may not trace from here on: the reporter's own.
inline void block_this_thread() noexcept { current_thread = &blocked_thread; }

}  // namespace jtrace::inline v1::detail
