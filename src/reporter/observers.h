// Observers: the reporters that see finished spans beside the way out: the program's own, the file, the log; and the finish hook
// before all of them. A record is decoded once for all of them together.
//
//   record ──limits, hook──▶ (changed) record ──▶ batch for the collector
//                                  └──decoded once──▶ reporter, reporter, …
//
// What one of them throws is counted, told at most once a minute, and keeps nothing from the others. Used by the reporter's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "config/settings.h"
#include "jtrace/reporter.h"
#include "jtrace/stats.h"
#include "queue/thread_state.h"
#include "record/span_data.h"
#include "record/span_editor.h"

namespace jtrace::inline v1::detail {

class Observers {
 public:
  // Null where the settings ask for none. Throws std::bad_alloc.
  static std::unique_ptr<Observers> make(const Settings& settings);

  bool edits() const noexcept { return hook_ || limits_.has_counts(); }
  // The record that goes on, which may be another one, valid until the next call; null: dropped.
  const char* edit(const char* record, TickMap& time) noexcept;
  void report(Run records, TickMap& time) noexcept;
  // After each round in which something was reported.
  void flush() noexcept;

  // Of so many spans that nobody but these was to get: how many did one of them not take?
  std::uint32_t take_refused(std::uint32_t spans) noexcept;
  void add_to(Stats& stats) const noexcept;

 private:
  explicit Observers(const Settings& settings);
  template <class F>
  bool guard(F&& call) noexcept;

  const bool has_collector_;
  std::vector<std::unique_ptr<jtrace::Reporter>> own_;
  std::vector<jtrace::Reporter*> all_;
  const Limits limits_;
  FinishHook* hook_ = nullptr;
  SpanReader reader_;
  SpanEditor editor_;
  std::vector<FinishedSpan> views_;
  bool has_reported_ = false;
  std::uint64_t refused_ = 0;

  // Read by anybody: relaxed, numbers.
  Counter errors_, dropped_, cut_;
};

}  // namespace jtrace::inline v1::detail
