#include "reporter/reporter.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "clock/clock.h"
#include "core/log_line.h"
#include "core/thread.h"
#include "encode/spanwise.h"
#include "reporter/monotonic.h"
#include "reporter/way_out.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kQuantum = 64 * 1024;       // of one thread before the next gets its turn
constexpr std::int64_t kQuiet = 60'000'000'000;  // then memory goes back to the system
constexpr std::int64_t kLongestWait = 3'600'000'000'000;

// A thread inherits scheduling and affinity of the one that makes it, here whichever traced first. The process's own are
// those of its main thread.
void leave_creators_place() noexcept {
  sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
  cpu_set_t cores;
  if (sched_getaffinity(getpid(), sizeof cores, &cores) == 0) sched_setaffinity(0, sizeof cores, &cores);
}

}  // namespace

void* Reporter::run(void* self) {
  block_this_thread();
  pthread_setname_np(pthread_self(), "jtrace");
  leave_creators_place();
  static_cast<Reporter*>(self)->work();
  return nullptr;
}

void Reporter::work() noexcept {
  prepare_process();
  next_drain_ = monotonic_now() + settings_.flush_interval.count();
  last_busy_ = monotonic_now();
  for (bool ended = false; !ended;) {
    cycle();
    const std::lock_guard lock(mutex_);
    ended = closing_ && (give_up_ || (completed_ == requested_ && flushing_ == 0));
  }
  if (made_observers_) made_observers_->flush();
  give_up();
  stats_teller_.tell();
  bool parks = false;
  {
    const std::lock_guard lock(mutex_);
    completed_ = requested_;
    ended_.store(true, std::memory_order_release);
    parks = park_;
    flushed_.notify_all();
  }
  running_.store(false, std::memory_order_release);
  if (parks) park();
}

void Reporter::park() noexcept {
  for (;;) pause();
}

void Reporter::prepare_process() noexcept {
  try {
    std::unique_ptr<Encoder> encoder = make_encoder(settings_);
    if (!made_observers_) made_observers_ = Observers::make(settings_, encoder->of_spans() != nullptr);
    observers_.store(made_observers_.get(), std::memory_order_release);  // pairs with the acquire in add_to
    encoder_ = std::move(encoder);
  } catch (...) {
    log_rarely(Trouble::no_memory, LogLevel::error, "no memory for the encoder; spans are dropped");
  }
}

// One round: wait, drain what is due, send, settle.
void Reporter::cycle() noexcept {
  queue_.chunks().set_stuck(!has_room());
  transport_->wait(wake_descriptor_, time_to_wait());
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto taken = read(wake_descriptor_, &wakes, sizeof wakes);
  // acq_rel: pairs with wake; what was pushed before it is seen by the scan that follows.
  const bool woken = woken_.exchange(false, std::memory_order_acq_rel);

  settle(transport_->poll());
  begin_flush();
  const std::int64_t now = monotonic_now();
  const bool is_due = now >= next_drain_;
  if (is_due || woken || flushing_ != 0 || !queue_read_) drain();
  const bool is_flushed = flushing_ != 0 && flush_until_ == kUnknown && has_read_flushed();
  // Not after each drain: while there is more, what they keep back may wait for it.
  if (made_observers_ && (queue_read_ || is_due || is_flushed)) made_observers_->flush();
  if (is_flushed) {
    finish_batch();
    flush_until_ = line_.next_number();
  }
  if (is_due) {
    // Behind batches that wait for another attempt a small one waits until it is full.
    if (queue_read_ && (line_.is_empty() || !backoff_.is_failing())) finish_batch();
    next_drain_ = now + settings_.flush_interval.count();
  }
  send();
  end_flush();
  stats_teller_.tell_when_due(now);
  if (!is_trimmed_ && now - last_busy_ > kQuiet) {
    queue_.chunks().trim();
    is_trimmed_ = true;
  }
}

std::int64_t Reporter::time_to_wait() const noexcept {
  if (is_asked_ || (!queue_read_ && has_room())) return 0;
  const std::int64_t now = monotonic_now();
  std::int64_t wait = std::min(next_drain_ - now, stats_teller_.left(now));
  if (!line_.is_empty() && !is_sending_) wait = std::min(wait, backoff_.left(now));
  return std::clamp<std::int64_t>(wait, 0, kLongestWait);
}

// Walks all threads in turn, a quantum each, until they are read or the batches are full; or until as many were built,
// since a far side that answers at once would keep it here as long as spans are finished.
void Reporter::drain() noexcept {
  if (!encoder_) prepare_process();  // there was no memory for it
  Clock::instance().tick();
  queue_.chunks().populate_ahead();
  const std::uint64_t before = in_hand_added_.get();
  const std::uint64_t enough = line_.next_number() + kBatches;
  const std::uint32_t threads = queue_.state_count();
  queue_read_ = true;
  for (std::uint32_t read = 0; read < threads && queue_read_; ++next_thread_) {
    if (next_thread_ >= threads) next_thread_ = 0;
    const bool is_read = queue_.drain_runs(queue_.state(next_thread_), kQuantum, [this](Run& run) { return keep(run); });
    read = is_read ? read + 1 : 0;
    queue_read_ = is_read || (has_room() && line_.next_number() < enough);
  }
  if (in_hand_added_.get() != before) {
    last_busy_ = monotonic_now();
    is_trimmed_ = false;
  }
}

// Into the batch being built, up to its end: how many records. None: there is no room at hand, they stay in the queue.
std::uint64_t Reporter::keep(Run& run) noexcept {
  if (run.at) return made_observers_ ? keep_and_show(run) : keep_records(run);
  no_memory_.add();
  return 1;
}

std::uint64_t Reporter::keep_records(Run& run) noexcept {
  const Put done = put([&](Batch& batch) {
    auto result = Encoder::Result::appended;
    Clock::instance().with_map([&](TickMap& time) { result = encoder_->of_records()->append(batch, run, time); });
    return result;
  });
  return done.lost ? leave_out(run, *done.lost) : done.spans;
}

std::uint64_t Reporter::leave_out(Run& run, Counter& why) noexcept {
  why.add();
  run.at += RecordView(run.at).header().size;
  return 1;
}

// Decoded, once for everybody who wants it so; then all of it is kept, room or not.
std::uint64_t Reporter::keep_and_show(Run& run) noexcept {
  if (!line_.building()) {
    send();
    if (!has_room()) return 0;
  }
  Run records = run;
  std::size_t count = 0;
  Clock::instance().with_map([&](TickMap& time) { count = made_observers_->look(run, time); });
  if (count == 0) return leave_out(run, no_memory_);
  records.end = run.at;
  must_keep_ = true;
  if (made_observers_->edits() || (encoder_ && encoder_->of_spans())) {
    keep_seen(count);
  } else {
    while (!records.is_read()) keep_records(records);
  }
  must_keep_ = false;
  made_observers_->report();
  return count;
}

// As the hook leaves them.
void Reporter::keep_seen(std::size_t count) noexcept {
  SpanwiseEncoder* const spanwise = encoder_ ? encoder_->of_spans() : nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    if (made_observers_->edits() && !made_observers_->edit(i)) continue;
    if (spanwise) {
      const Put done = put([&](Batch& batch) { return spanwise->append(batch, made_observers_->span(i)); });
      if (done.lost) done.lost->add();
    } else if (const char* record = made_observers_->edited_record()) {
      Run one{record, record + 1};
      keep_records(one);
    } else {
      no_memory_.add();
    }
  }
}

template <class Append>
Reporter::Put Reporter::put(Append&& append) noexcept {
  using Result = Encoder::Result;
  if (!encoder_) return {0, &no_memory_};
  for (;;) {
    if (!line_.building()) {
      send();
      if (!has_room()) return {0};
      if (!begin_batch()) return {0, &no_memory_};
    }
    Batch& batch = *line_.building();
    const std::uint32_t before = batch.spans;
    const Result result = append(batch);
    const std::uint64_t kept = batch.spans - before;
    in_hand_added_.add(kept);
    if (result == Result::full) {
      batch.is_full = true;
      finish_batch();
    }
    if (kept != 0) return {kept};
    if (result == Result::too_large) return {0, &too_large_};
    if (result == Result::no_memory) return {0, &no_memory_};
  }
}

bool Reporter::begin_batch() noexcept {
  if (backoff_.is_failing()) {
    if (Batch* last = line_.reopen_last(static_cast<std::size_t>(settings_.max_batch_bytes) / 2)) {
      encoder_->reopen(*last);
      return true;
    }
  }
  Batch* batch = line_.begin();
  if (batch && encoder_->begin(*batch)) return true;
  line_.cancel();
  return false;
}

void Reporter::finish_batch() noexcept {
  Batch* batch = line_.building();
  if (!batch) return;
  if (batch->spans != 0) encoder_->end(*batch);
  line_.finish(monotonic_now());
  drop_over_budget();
}

void Reporter::send() noexcept {
  while (!is_sending_ && !line_.is_empty() && backoff_.left(monotonic_now()) == 0) {
    is_sending_ = true;
    transport_->submit(line_.first().body.view());
    settle(transport_->poll());
  }
}

void Reporter::settle(const Answer& answer) noexcept {
  if (answer.outcome == Outcome::none) return;
  is_sending_ = false;
  const std::uint32_t spans = line_.first().spans;
  if (answer.outcome == Outcome::acknowledged) {
    const std::uint64_t refused = made_observers_ && !settings_.has_collector() ? made_observers_->take_refused(spans)
                                                                                 : std::min<std::uint64_t>(answer.refused, spans);
    acknowledged_.add(spans - refused);
    rejected_.add(refused);
    in_hand_settled_.add(spans);
  } else {
    trouble_ = answer.outcome;
    const bool may_halve = answer.next == Answer::Next::halve;
    const bool may_pass = answer.next == Answer::Next::try_again || (may_halve && answer.outcome == Outcome::unreachable);
    const bool is_kept = (may_halve && try_halves()) || (may_pass && try_again(answer));
    tell_trouble(spans, !is_kept);
    if (is_kept) return;
    count_lost(spans);
  }
  if (answer.next != Answer::Next::try_again) backoff_.succeed();
  batches_sent_.add();
  bytes_sent_.add(line_.first().body.size());
  line_.pop_first();
}

// Does the first batch stay for another attempt? Whoever flushes need not wait for it where nobody listens.
bool Reporter::try_again(const Answer& answer) noexcept {
  if (settings_.max_retry_time.count() == 0) return false;
  const std::int64_t now = monotonic_now();
  backoff_.fail(now, std::min(answer.retry_after, settings_.max_retry_time.count()));
  if (answer.is_nobody_there && flushing_ != 0) end_flush(false);
  if (now - line_.first().built >= settings_.max_retry_time.count()) return false;
  retries_.add();
  drop_over_budget();
  return true;
}

bool Reporter::try_halves() noexcept {
  if (line_.first().is_half) return false;
  std::unique_ptr<Batch> rest = line_.spare();
  if (!rest || !encoder_->halve(line_.first(), *rest)) return false;
  line_.insert_second(std::move(rest));
  retries_.add();
  return true;
}

void Reporter::drop_over_budget() noexcept {
  if (!backoff_.is_failing()) return;
  while (const std::uint32_t spans = line_.drop_over_budget(is_sending_)) {
    count_lost(spans);
    tell_trouble(spans, true);
  }
}

// Under what the far side said last.
void Reporter::count_lost(std::uint64_t spans) noexcept {
  Counter* const counters[] = {nullptr, nullptr, &unreachable_, &timeout_, &rejected_, &server_error_};
  counters[static_cast<std::size_t>(trouble_)]->add(spans);
  in_hand_settled_.add(spans);
}

void Reporter::tell_trouble(std::uint64_t spans, bool is_lost) noexcept {
  try {
    log_rarely(static_cast<Trouble>(trouble_), LogLevel::warn,
               std::to_string(spans) + (is_lost ? " spans lost: " : " spans to be tried again: ") + transport_->trouble());
  } catch (...) {  // without memory the line is missing; the count is not
  }
}

void Reporter::tell_aborted(std::uint64_t spans) noexcept {
  try {
    log_rarely(Trouble::aborted, LogLevel::warn, std::to_string(spans) + " spans lost: not delivered when the tracer was closed");
  } catch (...) {
  }
}

// A flush covers what each thread had pushed when the worker sees the request.
void Reporter::begin_flush() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(heard_, requested_) != requested_) backoff_.cut_short();
    if (flushing_ != 0) return;
    is_asked_ = false;
    if (completed_ == requested_) return;
    flushing_ = requested_;
  }
  for (std::uint32_t i = 0; i < queue_.state_count(); ++i)
    queue_.state(i).flush_target = queue_.state(i).pushed.get();
}

void Reporter::end_flush() noexcept {
  if (flushing_ != 0 && line_.oldest() >= flush_until_) end_flush(true);
}

void Reporter::end_flush(bool is_done) noexcept {
  const std::lock_guard lock(mutex_);
  completed_ = flushing_;
  if (!is_done) unfinished_ = flushing_;
  flushing_ = 0;
  flush_until_ = kUnknown;
  is_asked_ = completed_ != requested_ || closing_;
  flushed_.notify_all();
}

bool Reporter::has_read_flushed() const noexcept {
  for (std::uint32_t i = 0; i < queue_.state_count(); ++i) {
    const ThreadState& state = queue_.state(i);
    if (state.drained.get() < state.flush_target) return false;
  }
  return true;
}

// What is still here at the end is counted, the rest of the queue included. Where the last flush was completed, that rest
// was finished while the tracer closed.
void Reporter::give_up() noexcept {
  transport_->abort();
  bool is_flushed = false;
  {
    const std::lock_guard lock(mutex_);
    is_flushed = completed_ == requested_ && unfinished_ != completed_;
  }
  // Counted as lost before it is no longer queued: who waits for nothing to be queued finds the books closed.
  Counter& lost = is_flushed ? closed_ : aborted_;
  std::uint64_t spans = line_.spans();
  lost.add(spans);
  in_hand_settled_.add(spans);
  while (!line_.is_empty()) line_.pop_first();
  line_.cancel();
  for (std::uint32_t i = 0; i < queue_.state_count(); ++i) {
    queue_.drain(queue_.state(i), ~std::size_t{0}, [&](const char*, std::size_t) {
      lost.add();
      ++spans;
      return true;
    });
  }
  is_sending_ = false;
  if (spans != 0 && !is_flushed) tell_aborted(spans);
}

}  // namespace jtrace::inline v1::detail
