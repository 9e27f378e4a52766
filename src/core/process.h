// Process: what jtrace has of its own in this process, whatever tracers there are: threads and frames.
//
// There is one at a time. A forked child makes another at its first span, since the memory that says so is wiped by the
// kernel at the fork; the inherited one is left alone, as handles may point into it. The slow paths that make things
// (a process, a pipeline, a thread's state) run under one lock, which lies in wiped memory too: a child never inherits it locked.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/frame.h"
#include "core/thread.h"
#include "queue/node_pool.h"
#include "queue/region.h"

namespace jtrace::inline v1::detail {

// For slow paths only; yields while it waits. Its thread may not trace meanwhile: a signal handler or an allocator that
// does would wait for itself. Leaves errno as it was.
class SetupLock {
 public:
  SetupLock() noexcept;
  ~SetupLock();
  SetupLock(const SetupLock&) = delete;

 private:
  const Untraced untraced_;
  const int errno_;
};

class Process {
 public:
  // Of this process; null without memory. The caller holds a SetupLock.
  static Process* current() noexcept;
  // 1 in the first process, and one more in each child that traces; 0 in a child that has not traced yet.
  static std::uint32_t generation() noexcept;

  Thread* adopt_thread() noexcept;
  void retire_thread(Thread* thread) noexcept;
  NodePool<Frame>& frames() noexcept { return frames_; }
  // The frame's scope is closed: back to the pool by way of a thread's magazine.
  void recycle(Frame& frame, LocalNodes& to) noexcept;

  // Spans that this process inherited by a fork and let go.
  static void count_inherited() noexcept;
  static std::uint64_t inherited() noexcept;

 private:
  explicit Process(Process* parent) noexcept;

  const Region threads_;
  NodePool<Frame> frames_;
  // Guarded by the SetupLock.
  std::uint32_t next_thread_ = 0;
  Thread* free_threads_ = nullptr;
  [[maybe_unused]] Process* parent_;  // reachable, so that leak checkers see it
};

}  // namespace jtrace::inline v1::detail
