// What other threads ask of the reporter; its own work is in reporter.cpp.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "reporter/monotonic.h"
#include "reporter/reporter.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::int64_t kLongest = 24 * 365 * 3'600'000'000'000;
// For the worker to put its tools down: it does so at once where it gets a processor. At the process's exit it must not be
// left in the middle of other libraries, which clean up next, so a starving one is waited for.
constexpr std::int64_t kAbortMoment = 20'000'000;
constexpr std::int64_t kParkMoment = 1'000'000'000;

std::int64_t deadline_in(std::int64_t nanoseconds) noexcept {
  return monotonic_now() + std::clamp<std::int64_t>(nanoseconds, 0, kLongest);
}

std::chrono::steady_clock::time_point time_point(std::int64_t deadline) noexcept {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline));
}

// Of the jitter: processes that were started together are to differ.
std::uint64_t seed() noexcept {
  std::uint64_t bytes = 0;
  if (getrandom(&bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes)
    bytes = static_cast<std::uint64_t>(monotonic_now()) ^ static_cast<std::uint64_t>(getpid()) << 32;
  return bytes;
}

}  // namespace

Reporter::Reporter(SpanQueue& queue, const Settings& settings, std::unique_ptr<Transport> transport) noexcept
    : queue_(queue),
      settings_(settings),
      transport_(std::move(transport)),
      wake_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stats_teller_(settings),
      line_(settings.max_pending_bytes),
      backoff_(settings.retry, seed()) {}

bool Reporter::start() noexcept {
  if (has_started()) return true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = pthread_create(&worker_, nullptr, run, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started) {
    is_joinable_.store(true, std::memory_order_relaxed);
    running_.store(true, std::memory_order_release);
    started_.store(true, std::memory_order_release);
  }
  return started;
}

void Reporter::wake() noexcept {
  // The worker clears the mark before it scans again, so no request after that is lost.
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  const int before = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_descriptor_, &one, sizeof one);
  errno = before;
}

bool Reporter::flush(std::int64_t nanoseconds) noexcept {
  if (!running_.load(std::memory_order_acquire) || is_worker()) return false;
  return await(request(false), deadline_in(nanoseconds));
}

bool Reporter::close(std::int64_t nanoseconds, After after) noexcept {
  if (!has_started()) ended_.store(true, std::memory_order_release);
  if (!running_.load(std::memory_order_acquire) || is_worker()) return false;
  std::unique_lock lock(mutex_);
  park_ = after == After::park;  // before the worker can end
  lock.unlock();
  const bool flushed = await(request(true), deadline_in(nanoseconds));
  lock.lock();
  give_up_ = true;
  lock.unlock();
  wake();
  lock.lock();
  const Deadline moment = deadline_in(after == After::park ? kParkMoment : kAbortMoment);
  flushed_.wait_until(lock, time_point(moment), [this] { return ended_.load(std::memory_order_relaxed); });
  lock.unlock();
  if (after == After::end) leave_worker(moment);
  return flushed && aborted_.get() == 0;
}

// A thread that ends runs what other libraries have to clean up for it. Whoever closes and then leaves the process must
// not do the same beside it, so this waits a moment for the very end.
void Reporter::leave_worker(Deadline until) noexcept {
  if (!is_joinable_.exchange(false, std::memory_order_acq_rel)) return;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);  // pthread_clockjoin_np would take the other clock, but TSan does not know it
  const std::int64_t at = now.tv_nsec + std::max<std::int64_t>(until - monotonic_now(), 0);
  const timespec moment{now.tv_sec + at / 1'000'000'000, at % 1'000'000'000};
  if (pthread_timedjoin_np(worker_, nullptr, &moment) != 0) pthread_detach(worker_);
}

std::uint64_t Reporter::request(bool closing) noexcept {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++requested_;
    closing_ = closing_ || closing;
  }
  wake();
  return number;
}

bool Reporter::await(std::uint64_t number, Deadline deadline) noexcept {
  std::unique_lock lock(mutex_);
  const bool is_over = flushed_.wait_until(
      lock, time_point(deadline), [&] { return completed_ >= number || ended_.load(std::memory_order_relaxed); });
  return is_over && number > unfinished_;
}

void Reporter::abandon() noexcept { transport_->abandon(); }

void Reporter::add_to(Stats& stats) const noexcept {
  // Settled before added: what is in between counts as in hand, never as less than nothing.
  const bool has_ended = ended_.load(std::memory_order_acquire);
  const std::uint64_t settled = in_hand_settled_.get();
  stats.queued += in_hand_added_.get() - settled;
  if (const Observers* seen = observers_.load(std::memory_order_acquire)) seen->add_to(stats);
  stats.acknowledged += acknowledged_.get();
  stats.failures.unreachable += unreachable_.get();
  stats.failures.timeout += timeout_.get();
  stats.failures.rejected += rejected_.get();
  stats.failures.server_error += server_error_.get();
  stats.failures.aborted += aborted_.get();
  stats.drops.closed += closed_.get();
  (has_ended ? stats.drops.closed : stats.queued) += queue_.size();
  stats.drops.too_large += too_large_.get();
  stats.drops.queue_full += no_memory_.get();
  stats.batches += batches_sent_.get();
  stats.bytes += bytes_sent_.get();
  stats.retries += retries_.get();
}

}  // namespace jtrace::inline v1::detail
