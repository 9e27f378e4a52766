// RemoteSampler: asks a sampling server how to sample, at once and then every refresh_interval, and gives the StrategySampler what it
// says.
//
// On a thread of its own, so that a server that is slow, silent or hostile delays neither spans nor flushes. Whatever is wrong with an
// answer, the last strategy stays and the trouble is counted. Each answer is asked for over a new connection; the collector's TLS settings
// count here too, its login and headers only where the server is at the same scheme, host and port.
//
// Made with the tracer, once more in each forked child that traces, never freed: its thread may outlive a close() for a moment.
// Thread safety: any thread.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "config/settings.h"
#include "jtrace/stats.h"
#include "queue/thread_state.h"
#include "samplers/strategy.h"
#include "samplers/strategy_sampler.h"

namespace jtrace::inline v1::detail {

class RemoteSampler {
 public:
  // Throws std::bad_alloc.
  RemoteSampler(const Settings& settings, StrategySampler& sampler, std::uint32_t generation);
  RemoteSampler(const RemoteSampler&) = delete;

  // Of the process that it was made in.
  std::uint32_t generation() const noexcept { return generation_; }
  // False if the system gives no thread.
  bool start() noexcept;

  // Ends what is under way, at once. Where the process exits, the thread parks: ending would run other libraries' clean-up beside theirs.
  void stop(bool parks) noexcept;
  // Waits a moment for the thread to have put its tools down.
  void await_end() noexcept;

  void add_to(Stats& stats) const noexcept;

 private:
  static void* run(void* self);
  void work() noexcept;
  void poll() noexcept;
  void ask();
  void take(const std::string& answer);
  bool is_stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }

  // Fixed after construction.
  StrategySampler& sampler_;
  const Settings way_;  // to the server
  const std::uint32_t generation_;
  const int stop_descriptor_;

  // The thread's.
  std::optional<Strategy> last_;

  // Written by the thread, read by anybody: relaxed, numbers.
  Counter queries_ok_, queries_err_, updates_ok_, updates_err_;

  // Shared.
  pthread_t thread_{};
  bool has_started_ = false;  // by start(), which comes before all else
  std::atomic<bool> parks_{false}, stopped_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;  // guarded by the mutex
};

}  // namespace jtrace::inline v1::detail
