// Load: who emits when. Its threads emit traces through an Emitter as the options say: as many, as fast, as long. Meanwhile
// the thread of run() asks for a flush every 100 ms and measures how long its answer takes, which is the time until the
// collector has answered for all that was finished before: what a user of flush() sees.
//
// It emits no faster than the collector takes the spans, and stops at the first failure. Made and used by main() on
// one thread; it borrows the options.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "emit.h"
#include "jtrace/tracer.h"
#include "latencies.h"
#include "options.h"

namespace jtrace_send {

class Load {
 public:
  // Called for one trace at a time, on any thread.
  using Emitted = std::function<void(std::uint64_t trace, jtrace::TraceId id)>;

  Load(const Options& options, jtrace::Tracer tracer);

  // Emits the traces and waits until all have their final status, or nothing moved for the time-out. Returns how many were
  // emitted: fewer than wanted if the time was over or there was a failure.
  std::uint64_t run(const Emitted& emitted);

  const Latencies& flushes() const { return flushes_; }

 private:
  using Clock = std::chrono::steady_clock;

  void emit_all(const Emitted& emitted);
  bool wait_for_turn(std::uint64_t trace);
  void wait_for_room();
  void halt();
  bool is_halted() const;
  bool wait_for_emitters();
  bool flush();
  bool has_losses() const;

  const Options& options_;
  jtrace::Tracer tracer_;
  Emitter emitter_;
  std::uint64_t most_queued_;      // spans
  std::uint64_t traces_per_look_;  // at the queue
  Clock::time_point begin_{};
  Clock::time_point end_{};
  std::atomic<std::uint64_t> next_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by it.
  bool halted_ = false;
  unsigned emitting_ = 0;
  std::uint64_t emitted_ = 0;

  // Of the thread of run().
  Latencies flushes_;
  std::uint64_t flushed_ = 0;  // spans that were finished before the last flush
};

}  // namespace jtrace_send
