// Thread: what jtrace knows of one thread, found by one thread_local pointer.
//
// Made at a thread's first span, given on when the thread ends, in memory that a forked child sees as zeros. One word,
// `ready`, tells the fast path that all is well: the thread is attached, the process is not a fresh child, nobody is at work on
// the members, and whose they are. While somebody is at work, a signal handler or an allocator that traces in between
// finds it 0 and is refused.
// Written by its thread only.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/frame.h"
#include "core/random.h"
#include "queue/node_pool.h"
#include "queue/thread_state.h"

namespace jtrace::inline v1::detail {

class Core;
class Pipeline;
class Process;

// A core as `ready` names it: never 0, so that nothing that was wiped looks like it.
using Mark = std::uintptr_t;
inline constexpr Mark kNobody = 1;  // of null
inline Mark mark_of(const Core* core) noexcept { return reinterpret_cast<Mark>(core) + kNobody; }

struct alignas(128) Thread {
  Mark ready{};          // of `core`; 0: somebody is at work, or it is not attached
  Core* core{};          // the last one used, …
  Pipeline* pipeline{};  // … its pipeline in this process …
  ThreadState* state{};  // … and this thread's state there
  Frame* top{};
  SpanOffer* offer{};  // by a call that is not over, or none
  Random random{};
  LocalNodes frames{};
  ThreadState* states{};  // in every queue, the newest first
  Process* process{};
  Thread* next_free{};
  const unsigned* uncaught{};  // the C++ runtime's count of this thread's uncaught exceptions
  SpanLoan* loan{};            // by the innermost call that has lent a span and is not over, or none
  std::uint32_t attached{};    // 0: wiped by a fork, or a stand-in

  bool is_idle() const noexcept { return ready != 0; }
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
  return thread->is_idle() ? thread : attach_thread();
}

// Marks the thread as being worked on, for the length of a block. Compiler fences are enough: whoever interrupts runs on
// the same thread.
class Busy {
 public:
  explicit Busy(Thread& thread) noexcept : thread_(thread) { begin(thread_); }
  ~Busy() { end(thread_, mark_of(thread_.core)); }
  Busy(const Busy&) = delete;

  // For the few functions whose way out is a call; `ready` is of the thread's core at the end.
  static void begin(Thread& thread) noexcept {
    thread.ready = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  static void end(Thread& thread, Mark ready) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread.ready = ready;
  }

 private:
  Thread& thread_;
};

inline bool is_blocked() noexcept { return current_thread == &blocked_thread; }
inline bool is_ended() noexcept { return current_thread == &ended_thread; }
// This thread may not trace from here on: the reporter's own.
inline void block_this_thread() noexcept { current_thread = &blocked_thread; }

// Nor may it for the length of a block, in which an allocator or a log sink that traces would come back to us.
class Untraced {
 public:
  Untraced() noexcept : thread_(current_thread) { block_this_thread(); }
  ~Untraced() { current_thread = thread_; }
  Untraced(const Untraced&) = delete;

 private:
  Thread* const thread_;
};

}  // namespace jtrace::inline v1::detail
