#include "core/pipeline.h"

#include <sched.h>

#include <new>

#include "core/core.h"
#include "core/lifecycle.h"
#include "core/log_line.h"
#include "core/process.h"
#include "reporter/way_out.h"
#include "transport/http_transport.h"

namespace jtrace::inline v1::detail {
namespace {

void add_traces(Stats& stats, const ThreadCounters& counters) noexcept {
  stats.started += counters.started.get() + counters.roots_sampled.get();
  stats.not_sampled += counters.not_sampled.get() + counters.roots_not_sampled.get();
  stats.traces_started.sampled += counters.roots_sampled.get();
  stats.traces_started.not_sampled += counters.roots_not_sampled.get();
  stats.traces_joined.sampled += counters.joined_sampled.get();
  stats.traces_joined.not_sampled += counters.joined_not_sampled.get();
}

}  // namespace

Pipeline::Pipeline(Core& core, std::uint32_t generation, Pipeline* before) noexcept
    : core_(core),
      generation_(generation),
      before_(before),
      closed_(core.is_closed()),
      slots_(static_cast<std::size_t>(core.settings().max_open_bytes)),
      queue_(static_cast<std::size_t>(core.settings().max_queue_bytes)) {}

ThreadState* Pipeline::adopt(Thread& thread) noexcept {
  for (ThreadState* state = thread.states; state; state = state->next_of_thread) {
    if (state->owner == this) return state;
  }
  ThreadState* state = queue_.adopt();
  if (!state) return nullptr;
  state->owner = this;
  state->next_of_thread = thread.states;
  thread.states = state;
  return state;
}

void Pipeline::retire(ThreadState* state) noexcept {
  slots_.give_back(state->slots);
  queue_.retire(state);
}

void Pipeline::start_reporter() noexcept {
  const auto is_there = [this] { return reporter() && reporter()->has_started(); };
  if (core_.end() != Core::End::collector || is_there() || is_closed()) return;
  const SetupLock lock;
  if (is_there() || is_closed()) return;
  begin_curl();
  flush_at_exit();
  Reporter* made = reporter() ? reporter() : make_reporter();
  if (!made) return log_rarely(Trouble::no_memory, LogLevel::error, "no memory for the worker; spans wait in the queue");
  if (!made->start()) log_rarely(Trouble::no_thread, LogLevel::error, "no worker thread could be started");
  reporter_.store(made, std::memory_order_release);
}

// Null without memory.
Reporter* Pipeline::make_reporter() noexcept {
  try {
    auto* made = new Reporter(queue_, core_.settings(), make_transport(core_.settings()));
    made->tell_stats_of([](void* core, Stats& stats) { static_cast<Core*>(core)->read(stats); }, &core_);
    queue_.on_pressure([](void* reporter) { static_cast<Reporter*>(reporter)->wake(); }, made);
    return made;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

ThreadState* Pipeline::borrow_orphan() noexcept {
  constexpr int kTries = 1000;  // others hold it for some 100 ns
  for (int i = 0; i < kTries; ++i) {
    if (!orphan_busy_.exchange(true, std::memory_order_acquire)) {  // pairs with the release in return_orphan
      if (!orphan_) orphan_ = queue_.adopt();
      if (!orphan_) return_orphan();
      return orphan_;
    }
    sched_yield();
  }
  return nullptr;
}

void Pipeline::count_open_limit(bool was_started) noexcept {
  if (!was_started) started_.fetch_add(1, std::memory_order_relaxed);
  finished_.fetch_add(1, std::memory_order_relaxed);
  open_limit_.fetch_add(1, std::memory_order_relaxed);
}

void Pipeline::count_reentrant(bool was_started) noexcept {
  if (!was_started) started_.fetch_add(1, std::memory_order_relaxed);
  finished_.fetch_add(1, std::memory_order_relaxed);
  reentrant_.fetch_add(1, std::memory_order_relaxed);
}

void Pipeline::add_to(Stats& stats) const noexcept {
  const auto get = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  if (const Reporter* worker = reporter_.load(std::memory_order_acquire)) {
    worker->add_to(stats);
  } else {
    (is_closed() ? stats.drops.closed : stats.queued) += queue_.size();
  }
  stats.started += get(started_);
  stats.finished += get(finished_);
  stats.drops.open_limit += get(open_limit_);
  stats.drops.reentrant += get(reentrant_);
  for (std::uint32_t i = 0; i < queue_.state_count(); ++i) {
    const ThreadState& state = queue_.state(i);
    const ThreadCounters& counters = state.counters;
    add_traces(stats, counters);
    if (core_.end() == Core::End::memory) stats.acknowledged += state.drained.get();
    // What was finished was pushed, or dropped here for one of these reasons.
    stats.finished += state.pushed.get() + counters.dropped_queue_full.get() + counters.dropped_open_limit.get() +
                      counters.dropped_closed.get();
    stats.drops.queue_full += counters.dropped_queue_full.get();
    stats.drops.open_limit += counters.dropped_open_limit.get();
    stats.drops.closed += counters.dropped_closed.get();
    stats.cut += counters.cut.get();
    stats.finished_twice += counters.finished_twice.get();
    stats.baggage_dropped += counters.baggage_dropped.get();
    stats.baggage_updates.ok += counters.baggage_set.get();
    stats.baggage_updates.err += counters.baggage_refused.get();
    stats.baggage_truncations += counters.baggage_truncated.get();
    stats.span_context_decoding_errors += counters.decoding_errors.get();
  }
}

}  // namespace jtrace::inline v1::detail
