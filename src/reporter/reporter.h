// Reporter: the worker thread. It takes finished spans from the queue, turns them into batches and sends them.
//
//   queue ──drain──▶ building ──full or due──▶ ready ──submit──▶ under way ──settle──▶ the books
//                                              ▲                  │
//                                              └───── backoff ────┘
//
// It wakes on its timer (flush_interval), when the queue is half used, for flush and close, and for the next attempt; idle, that is
// once per interval. While a POST is under way it goes on draining until a few batches are at hand; what is over stays in the
// queue, whose bound is what a slow collector meets.
//
// A batch that failed in a way that may pass stays the first in line and is tried again (Backoff), until it is older than
// max_retry_time. Meanwhile the queue is drained all the same: what is finished now is worth more than what is old, so
// over max_pending_bytes the oldest batch goes. Each loss is counted under what the far side said last.
//
// The thread has all signals blocked, SCHED_OTHER and the affinity of the main thread, the name "jtrace", and may not trace.
// It is never joined at exit: it parks.
// Thread safety: the public calls from any thread (reporter_calls.cpp); the private part is the worker's own.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "config/settings.h"
#include "encode/batch.h"
#include "encode/encoder.h"
#include "jtrace/stats.h"
#include "queue/span_queue.h"
#include "reporter/backoff.h"
#include "reporter/batch_line.h"
#include "reporter/observers.h"
#include "reporter/stats_teller.h"
#include "transport/transport.h"

namespace jtrace::inline v1::detail {

class Reporter {
 public:
  Reporter(SpanQueue& queue, const Settings& settings, std::unique_ptr<Transport> transport) noexcept;
  Reporter(const Reporter&) = delete;

  // Where the counters are read for a listener; before start().
  void tell_stats_of(StatsTeller::Read read, void* from) noexcept { stats_teller_.read_from(read, from); }

  // Starts the worker, once; false if the system gives no thread, and another call may have more luck. One call at a time.
  bool start() noexcept;
  bool has_started() const noexcept { return started_.load(std::memory_order_acquire); }
  // Callable from any thread, also from a signal handler; at most one system call per cycle of the worker.
  void wake() noexcept;

  // True when everything that was pushed before the call has its final status within the time given. A wait for the next attempt
  // ends at once, and again the wait is as long as the far side needs; where nobody listens, the answer is no without waiting.
  bool flush(std::int64_t nanoseconds) noexcept;
  // A flush; then the worker gives up what is left and counts it as aborted. Within the time given, and a moment that it needs
  // a processor for. Afterwards the thread ends; at the process's exit it parks instead, since ending would run other
  // libraries' clean-up beside theirs.
  enum class After : std::uint8_t { end, park };
  bool close(std::int64_t nanoseconds, After after) noexcept;
  // Is the calling thread the worker?
  bool is_worker() const noexcept { return running_.load(std::memory_order_acquire) && pthread_equal(worker_, pthread_self()); }

  // In a forked child: lets go of the inherited sockets.
  void abandon() noexcept;

  // What is in the queue and in the worker's hands, and what became of the rest. What comes into the queue after the worker's
  // end is dropped as closed.
  void add_to(Stats& stats) const noexcept;

 private:
  using Deadline = std::int64_t;  // CLOCK_MONOTONIC, nanoseconds
  static constexpr std::size_t kBatches = 3;  // at hand, as long as none has failed
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  static void* run(void* self);
  void work() noexcept;
  void cycle() noexcept;
  void drain() noexcept;
  std::uint64_t keep(Run& run) noexcept;
  std::uint64_t keep_records(Run& run) noexcept;
  std::uint64_t keep_and_show(Run& run) noexcept;
  void keep_seen(std::size_t count) noexcept;
  std::uint64_t leave_out(Run& run, Counter& why) noexcept;
  // How many spans append() has put into the batch being built. None: for want of room, or they are lost, counted here.
  struct Put {
    std::uint64_t spans;
    Counter* lost = nullptr;
  };
  template <class Append>
  Put put(Append&& append) noexcept;
  bool begin_batch() noexcept;
  void finish_batch() noexcept;
  void send() noexcept;
  void settle(const Answer& answer) noexcept;
  bool try_again(const Answer& answer) noexcept;
  bool try_halves() noexcept;
  void count_lost(std::uint64_t spans) noexcept;
  void drop_over_budget() noexcept;
  bool has_room() const noexcept { return must_keep_ || backoff_.is_failing() || line_.size() < kBatches; }
  void begin_flush() noexcept;
  void end_flush() noexcept;
  void end_flush(bool is_done) noexcept;
  bool has_read_flushed() const noexcept;
  void park() noexcept;
  void give_up() noexcept;
  void prepare_process() noexcept;
  std::int64_t time_to_wait() const noexcept;
  void tell_trouble(std::uint64_t spans, bool is_lost) noexcept;
  void tell_aborted(std::uint64_t spans) noexcept;
  void leave_worker(Deadline until) noexcept;
  std::uint64_t request(bool closing) noexcept;
  bool await(std::uint64_t number, Deadline deadline) noexcept;

  // Fixed after construction.
  SpanQueue& queue_;
  const Settings& settings_;
  const std::unique_ptr<Transport> transport_;
  const int wake_descriptor_;

  // The worker's.
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Observers> made_observers_;  // null: there are none
  bool must_keep_ = false;  // what was decoded, and seen by the hook, is not to be so again
  StatsTeller stats_teller_;
  BatchLine line_;
  Backoff backoff_;
  Outcome trouble_ = Outcome::none;  // the last one
  bool is_sending_ = false;
  bool queue_read_ = true;  // the last drain left nothing behind
  std::uint32_t next_thread_ = 0;
  Deadline next_drain_ = 0;
  Deadline last_busy_ = 0;
  bool is_trimmed_ = true;
  std::uint64_t heard_ = 0;               // the latest request that has cut a wait short
  std::uint64_t flushing_ = 0;            // the request being served, …
  std::uint64_t flush_until_ = kUnknown;  // … done when the batches before this number are settled
  bool is_asked_ = false;                  // somebody asked for more meanwhile

  // Written by the worker, read by anybody: relaxed, numbers.
  Counter in_hand_added_, in_hand_settled_, acknowledged_, unreachable_, timeout_, rejected_, server_error_, aborted_, closed_;
  Counter too_large_, no_memory_, batches_sent_, bytes_sent_, retries_;

  // Shared.
  std::atomic<bool> woken_{false};
  std::atomic<bool> started_{false};
  std::atomic<bool> running_{false};
  std::atomic<bool> is_joinable_{false};  // once started, until somebody has joined or detached it
  std::atomic<Observers*> observers_{nullptr};
  std::atomic<bool> ended_{false};  // set under the mutex, for those who wait
  pthread_t worker_{};
  std::mutex mutex_;
  std::condition_variable flushed_;
  // Guarded by the mutex.
  std::uint64_t requested_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t unfinished_ = 0;  // the latest that ended without everything being sent
  bool closing_ = false;
  bool give_up_ = false;
  bool park_ = false;
};

}  // namespace jtrace::inline v1::detail
