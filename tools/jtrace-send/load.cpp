#include "load.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace jtrace_send {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenFlushes = 100ms;
// A quarter of the queue keeps the reporter busy, and leaves room for what an estimate does not know.
constexpr std::uint64_t kQueueShare = kQueueBytes / 4;
// One of our spans with its tags and logs in the queue; measured at some 250 bytes.
constexpr std::uint64_t kSpanBytes = 400;
// How often each thread looks at the queue.
constexpr std::uint64_t kSpansPerLook = 384;

std::uint64_t spans_of_trace(const Options& options) { return options.tree ? options.tree->spans : kSteps; }

// A fixed share of the queue, counted in spans of the size that these tags make.
std::uint64_t most_spans_queued(const Options& options) {
  std::uint64_t span_bytes = kSpanBytes;
  for (const auto& [key, value] : options.tags) {
    const auto* text = std::get_if<std::string>(&value);
    span_bytes += key.size() + (text ? text->size() : 8) + 32;
  }
  return std::max<std::uint64_t>(kQueueShare / span_bytes, kSpansPerLook);
}

}  // namespace

Load::Load(const Options& options, jtrace::Tracer tracer)
    : options_(options),
      tracer_(tracer),
      emitter_(options, tracer),
      most_queued_(most_spans_queued(options)),
      traces_per_look_(std::max<std::uint64_t>(kSpansPerLook / spans_of_trace(options), 1)) {}

std::uint64_t Load::run(const Emitted& emitted) {
  begin_ = Clock::now();
  end_ = options_.duration ? begin_ + *options_.duration : Clock::time_point::max();
  emitting_ = options_.threads;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < options_.threads; ++i) threads.emplace_back([&] { emit_all(emitted); });
  while (wait_for_emitters()) {
    if (!flush() || has_losses()) halt();
  }
  threads.clear();
  flush();
  return emitted_;
}

void Load::emit_all(const Emitted& emitted) {
  for (std::uint64_t own = 1;; ++own) {
    // Relaxed: a number for each, and nothing else.
    const std::uint64_t trace = next_.fetch_add(1, std::memory_order_relaxed);
    if (trace >= options_.traces || !wait_for_turn(trace)) break;
    const jtrace::TraceId id = emitter_.emit(trace);
    {
      const std::lock_guard lock(mutex_);
      ++emitted_;
      emitted(trace, id);
    }
    if (own % traces_per_look_ == 0) wait_for_room();
  }
  const std::lock_guard lock(mutex_);
  --emitting_;
  changed_.notify_all();
}

// False if there will be none.
bool Load::wait_for_turn(std::uint64_t trace) {
  if (options_.rate <= 0) return Clock::now() < end_ && !is_halted();
  const std::chrono::duration<double> offset(static_cast<double>(trace) / options_.rate);
  const bool is_too_late = offset > 24h * 365;
  const auto turn = begin_ + std::chrono::duration_cast<Clock::duration>(is_too_late ? 24h * 365 : offset);
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, std::min(turn, end_), [this] { return halted_; });
  return !halted_ && turn < end_;
}

void Load::wait_for_room() {
  while (!is_halted() && Clock::now() < end_ && tracer_.stats().queued > most_queued_) tracer_.flush(5ms);
  if (has_losses()) halt();
}

void Load::halt() {
  const std::lock_guard lock(mutex_);
  halted_ = true;
  changed_.notify_all();
}

bool Load::is_halted() const {
  const std::lock_guard lock(mutex_);
  return halted_;
}

// True as long as they are at work, after a while.
bool Load::wait_for_emitters() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, kBetweenFlushes, [this] { return emitting_ == 0; });
}

// False if nothing moved for the time-out.
bool Load::flush() {
  const jtrace::Stats before = tracer_.stats();
  if (before.finished == flushed_) return true;  // nothing to ask for
  const auto begin = Clock::now();
  for (std::uint64_t batches = before.batches; !tracer_.flush(options_.timeout);) {
    const jtrace::Stats stats = tracer_.stats();
    if (stats.batches == batches) return false;
    batches = stats.batches;
  }
  if (!has_losses()) flushes_.add(Clock::now() - begin);
  flushed_ = before.finished;
  return true;
}

bool Load::has_losses() const {
  const jtrace::Stats stats = tracer_.stats();
  return stats.failed() + stats.dropped() != 0;
}

}  // namespace jtrace_send
