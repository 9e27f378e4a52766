// Core: what stands behind a Tracer: its settings, and its pipeline in this process.
//
// Made by make_tracer, init or a test's Recorder; never freed, kept in one list for the flush at exit. A TracerHead
// points to it, and may point to another one later.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "config/settings.h"
#include "core/pipeline.h"
#include "jtrace/detail/abi.h"
#include "propagation/header_table.h"
#include "samplers/remote_sampler.h"
#include "samplers/strategy_sampler.h"

namespace jtrace::inline v1::detail {

// The whole of a TracerHead, whose first part the headers know.
struct CoreHead : TracerHead {
  std::atomic<Mark> core{kNobody};
  CoreHead* next = nullptr;
};

inline Core* core_of(Mark mark) noexcept { return reinterpret_cast<Core*>(mark - kNobody); }
inline Mark mark_of(const TracerHead* head) noexcept {
  // acquire: pairs with the release of whoever put the core there, so that its settings are whole.
  return static_cast<const CoreHead*>(head)->core.load(std::memory_order_acquire);
}
inline Core* core_of(const TracerHead* head) noexcept { return core_of(mark_of(head)); }

class Core {
 public:
  enum class End : std::uint8_t { collector, memory };  // memory: somebody drains the queue, see testing/

  Core(Settings settings, End end) noexcept;

  const Settings& settings() const noexcept { return settings_; }
  End end() const noexcept { return end_; }

  const HeaderTable& headers() const noexcept { return headers_; }
  const Sampler& sampler() const noexcept { return settings_.sampler; }
  bool makes_128bit_ids() const noexcept { return settings_.trace_id_128bit; }
  std::size_t max_span_bytes() const noexcept { return max_span_bytes_; }
  std::size_t max_value_length() const noexcept { return static_cast<std::size_t>(settings_.limits.value_length); }  // 0: no limit
  bool keeps(std::uint64_t trace_low) const noexcept {
    return by_id_.keeps(trace_low) && !drops_all_.load(std::memory_order_relaxed);
  }
  // Whom to ask about a new trace; null where its id says it all: keeps(), which else says no.
  v1::Sampler* asked() const noexcept { return asked_; }
  // Asks, and never throws.
  SamplingDecision ask(TraceId id, std::string_view operation) noexcept;
  // Begins to ask the sampling server, if there is one, in this process, once. Takes the SetupLock.
  void begin_sampling() noexcept;
  // A test's Recorder changes its mind; relaxed, each span decides for itself.
  void drop_all(bool drop) noexcept { drops_all_.store(drop, std::memory_order_relaxed); }

  // In this process; null if there is none yet, or if the one there is the parent's.
  Pipeline* pipeline() const noexcept;
  // The same, made if need be; null without memory. Takes the SetupLock when there is none.
  Pipeline* make_pipeline() noexcept;

  bool flush(std::int64_t nanoseconds) noexcept;
  bool close(std::int64_t nanoseconds) noexcept;
  void close_at_exit() noexcept;
  bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  void read(Stats& stats) const noexcept;

  Core* next_in_list() const noexcept { return next_; }
  static Core* all() noexcept;

 private:
  void choose_sampler() noexcept;
  void start_remote_sampler() noexcept;
  RemoteSampler* remote_sampler() const noexcept;
  bool close_all(std::int64_t nanoseconds, Reporter::After after) noexcept;
  bool close_pipeline(std::int64_t nanoseconds, Reporter::After after) noexcept;

  const Settings settings_;
  const End end_;
  const std::size_t max_span_bytes_;
  const HeaderTable headers_{settings_.propagation};
  Sampler by_id_;
  std::optional<StrategySampler> strategies_;  // of those that are not the user's own
  v1::Sampler* asked_ = nullptr;
  std::atomic<RemoteSampler*> remote_sampler_{nullptr};
  std::atomic<std::uint64_t> sampler_errors_{0};  // relaxed, a number beside the data
  std::atomic<bool> drops_all_{false};
  std::atomic<bool> closed_{false};
  std::atomic<Pipeline*> pipeline_{nullptr};
  Core* next_ = nullptr;
};

// Makes a core the thread's current one; false where there is no room for another thread. The caller has marked the thread
// as busy.
bool use(Thread& thread, Core& core) noexcept;
inline bool uses(Thread& thread, Core& core) noexcept { return thread.core == &core || use(thread, core); }

// The line in the log at info: endpoint, service, sampler.
void announce(const Settings& settings) noexcept;

}  // namespace jtrace::inline v1::detail
