#include "core/core.h"

#include <new>
#include <utility>

#include "config/warnings.h"
#include "core/lifecycle.h"
#include "core/log_line.h"
#include "core/process.h"
#include "transport/http_transport.h"

namespace jtrace::inline v1::detail {
namespace {

// All cores ever made, the newest first. Append-only: read without a lock.
std::atomic<Core*> cores{nullptr};

std::string describe_sampler(const Settings& settings) {
  switch (settings.sampling.by) {
    case Sampling::By::limit:
      return "ratelimiting " + shown_number(settings.sampling.per_second);
    case Sampling::By::server:
      return "remote " + settings.sampling.endpoint.shown + ", " + shown_number(settings.sampler.param()) + " until it answers";
    case Sampling::By::own:
      return "of the program's own";
    case Sampling::By::id:
      break;
  }
  return std::string(settings.sampler.name()) + " " + shown_number(settings.sampler.param());
}

}  // namespace

Core::Core(Settings settings, End end) noexcept
    : settings_(std::move(settings)), end_(end), max_span_bytes_(static_cast<std::size_t>(settings_.max_span_bytes)), by_id_(settings_.sampler) {
  choose_sampler();
  next_ = cores.load(std::memory_order_relaxed);
  while (!cores.compare_exchange_weak(next_, this, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

void Core::choose_sampler() noexcept {
  const Sampling& sampling = settings_.sampling;
  if (sampling.by == Sampling::By::limit)
    asked_ = &strategies_.emplace(Strategy{.type = Strategy::Type::rate_limiting, .per_second = sampling.per_second});
  if (sampling.by == Sampling::By::server)
    asked_ = &strategies_.emplace(Strategy{.rate = settings_.sampler.param()}, static_cast<std::size_t>(sampling.max_operations));
  if (sampling.by == Sampling::By::own) asked_ = sampling.own;
  if (asked_) by_id_ = Sampler::constant(false);
}

// In this process; null if there is none, or if the one there is the parent's.
RemoteSampler* Core::remote_sampler() const noexcept {
  RemoteSampler* remote = remote_sampler_.load(std::memory_order_acquire);  // pairs with the release in start_remote_sampler
  return remote && remote->generation() == Process::generation() ? remote : nullptr;
}

void Core::begin_sampling() noexcept {
  if (settings_.sampling.by != Sampling::By::server) return;
  const SetupLock lock;
  if (Process::current()) start_remote_sampler();
}

// The caller holds the SetupLock, and there is a Process.
void Core::start_remote_sampler() noexcept {
  if (settings_.sampling.by != Sampling::By::server || end_ != End::collector || is_closed() || remote_sampler()) return;
  begin_curl();
  flush_at_exit();
  try {
    auto* made = new RemoteSampler(settings_, *strategies_, Process::generation());
    if (!made->start()) log_rarely(Trouble::no_thread, LogLevel::error, "no thread could be started that asks the sampling server");
    remote_sampler_.store(made, std::memory_order_release);
  } catch (const std::bad_alloc&) {
    log_rarely(Trouble::no_memory, LogLevel::error, "no memory for what asks the sampling server");
  }
}

SamplingDecision Core::ask(TraceId id, std::string_view operation) noexcept {
  try {
    SamplingDecision decision = asked_->decide(id, operation);
    decision.sampled = decision.sampled && !drops_all_.load(std::memory_order_relaxed);
    return decision;
  } catch (...) {
    sampler_errors_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
}

// acquire: pairs with the release above, so that the core is whole.
Core* Core::all() noexcept { return cores.load(std::memory_order_acquire); }

bool use(Thread& thread, Core& core) noexcept {
  Pipeline* pipeline = core.make_pipeline();
  ThreadState* state = pipeline ? pipeline->adopt(thread) : nullptr;
  if (!state) return false;
  thread.core = &core;
  thread.pipeline = pipeline;
  thread.state = state;
  return true;
}

Pipeline* Core::pipeline() const noexcept {
  Pipeline* pipeline = pipeline_.load(std::memory_order_acquire);  // pairs with the release in make_pipeline
  return pipeline && pipeline->generation() == Process::generation() ? pipeline : nullptr;
}

Pipeline* Core::make_pipeline() noexcept {
  if (Pipeline* there = pipeline()) return there;
  const SetupLock lock;
  if (Pipeline* there = pipeline()) return there;
  if (!Process::current()) return nullptr;
  Pipeline* before = pipeline_.load(std::memory_order_acquire);
  void* memory = ::operator new(sizeof(Pipeline), std::align_val_t(alignof(Pipeline)), std::nothrow);
  if (!memory) return nullptr;
  auto* made = new (memory) Pipeline(*this, Process::generation(), before);
  if (!made->is_usable()) return nullptr;
  if (before) {
    // A forked child: the parent's sockets are let go without a word.
    if (Reporter* inherited = before->reporter()) inherited->abandon();
  }
  pipeline_.store(made, std::memory_order_release);
  start_remote_sampler();
  return made;
}

bool Core::flush(std::int64_t nanoseconds) noexcept {
  Pipeline* here = pipeline();
  if (!here || is_closed() || end_ == End::memory) return true;
  const bool is_empty = here->queue().size() == 0;
  if (!is_empty) here->start_reporter();  // its first span may have found no memory for one
  Reporter* reporter = here->reporter();
  return reporter ? reporter->flush(nanoseconds) : is_empty;
}

bool Core::close(std::int64_t nanoseconds) noexcept {
  if (closed_.exchange(true, std::memory_order_acq_rel)) return true;
  return close_all(nanoseconds, Reporter::After::end);
}

void Core::close_at_exit() noexcept {
  if (closed_.exchange(true, std::memory_order_acq_rel)) return;
  close_all(settings_.exit_flush_timeout.count(), Reporter::After::park);
}

bool Core::close_all(std::int64_t nanoseconds, Reporter::After after) noexcept {
  RemoteSampler* remote = nullptr;
  if (settings_.sampling.by == Sampling::By::server) {
    const SetupLock lock;  // none is made behind its back
    remote = remote_sampler();
  }
  if (remote) remote->stop(after == Reporter::After::park);
  const bool is_done = close_pipeline(nanoseconds, after);
  if (remote) remote->await_end();
  return is_done;
}

bool Core::close_pipeline(std::int64_t nanoseconds, Reporter::After after) noexcept {
  Pipeline* here = nullptr;
  {
    const SetupLock lock;  // no pipeline and no worker is made behind its back
    here = pipeline();
    if (here) here->close();
  }
  if (!here || end_ == End::memory) return true;
  Reporter* reporter = here->reporter();
  return reporter ? reporter->close(nanoseconds, after) : here->queue().size() == 0;
}

void Core::read(Stats& stats) const noexcept {
  stats.inherited = Process::inherited();
  stats.sampler_errors = sampler_errors_.load(std::memory_order_relaxed);
  if (const RemoteSampler* remote = remote_sampler()) remote->add_to(stats);
  if (const Pipeline* here = pipeline()) here->add_to(stats);
}

void announce(const Settings& settings) noexcept {
  try {
    log_line(LogLevel::info, "tracing " + settings.service_name + " to " + settings.destination() + ", sampler " +
                                 describe_sampler(settings));
    for (const std::string& line : warnings(settings)) log_line(LogLevel::warn, line);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace jtrace::inline v1::detail
