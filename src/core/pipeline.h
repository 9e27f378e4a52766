// Pipeline: the line that a tracer's spans run along in one process: slots, queue, reporter and the books.
//
// Built at the first span, once more in each forked child that traces, never freed: spans that are still open point
// into it. This is the one place that sees the whole line.
//
// Thread safety: what the callers' threads use is lock-free; building it runs under the SetupLock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/slot.h"
#include "core/thread.h"
#include "jtrace/stats.h"
#include "queue/node_pool.h"
#include "queue/span_queue.h"
#include "reporter/reporter.h"

namespace jtrace::inline v1::detail {

class Core;

class Pipeline {
 public:
  explicit Pipeline(Core& core, std::uint32_t generation, Pipeline* before) noexcept;
  bool is_usable() const noexcept { return slots_.is_usable() && queue_.is_usable(); }

  Core& core() noexcept { return core_; }
  std::uint32_t generation() const noexcept { return generation_; }
  Pipeline* before() const noexcept { return before_; }
  NodePool<Slot>& slots() noexcept { return slots_; }
  SpanQueue& queue() noexcept { return queue_; }
  Reporter* reporter() noexcept { return reporter_.load(std::memory_order_acquire); }

  // This thread's state, made if need be; null where there is no room for another thread.
  ThreadState* adopt(Thread& thread) noexcept;
  void retire(ThreadState* state) noexcept;
  // Starts the worker, once; before the first record is pushed, and again where that found no memory or no thread. Without effect
  // for an in-memory tracer.
  void start_reporter() noexcept;

  // From now on finished spans are dropped as closed, and no worker is started; under the SetupLock.
  void close() noexcept { closed_.store(true, std::memory_order_relaxed); }
  bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  // For a thread that has no state of its own any more. Waits a moment at most; null if another one is using it.
  ThreadState* borrow_orphan() noexcept;
  void return_orphan() noexcept { orphan_busy_.store(false, std::memory_order_release); }

  // Losses on threads without a state.
  void count_open_limit(bool was_started) noexcept;
  void count_reentrant(bool was_started) noexcept;

  void add_to(Stats& stats) const noexcept;

 private:
  Reporter* make_reporter() noexcept;

  Core& core_;
  const std::uint32_t generation_;
  Pipeline* const before_;
  std::atomic<bool> closed_;
  NodePool<Slot> slots_;
  SpanQueue queue_;
  std::atomic<Reporter*> reporter_{nullptr};

  std::atomic<bool> orphan_busy_{false};
  ThreadState* orphan_ = nullptr;

  // Written by any thread; relaxed, numbers beside the data.
  std::atomic<std::uint64_t> started_{0}, finished_{0}, open_limit_{0}, reentrant_{0};
};

}  // namespace jtrace::inline v1::detail
