// Observers: the reporters that see finished spans beside the way out: the program's own, the file, the log; and limits and the
// finish hook before all of them. A record is decoded once for all of them together, and for the way out, where that wants it
// decoded: then there are Observers also where nobody looks on.
//
//   records ──look──▶ spans ──edit: limits, hook──▶ spans ──▶ batch (as records again, if its encoder reads those)
//                                                     └──report──▶ reporter, reporter, …
//
// look() alone needs the clock's map; what the program's own code does with the spans may take its time.
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
  // Null where the settings ask for none, and the way out reads records. Throws std::bad_alloc.
  static std::unique_ptr<Observers> make(const Settings& settings, bool is_decoded_for_way_out);

  // Decodes records, and moves the run on, as far as there is memory: how many. They are those of the calls below, until report().
  std::size_t look(Run& records, TickMap& time) noexcept;

  bool edits() const noexcept { return hook_ || limits_.has_counts(); }
  // One of them; false: it is dropped, and nobody is to get it.
  bool edit(std::size_t index) noexcept;
  const SpanData& span(std::size_t index) const noexcept { return *seen_[index].span; }
  // Of the one that was edited last: its record as it is now. Null without memory.
  const char* edited_record() noexcept;

  // All that were not dropped, to everybody; then they are forgotten.
  void report() noexcept;
  // No more for the moment. Without effect where nothing was reported since the last one.
  void flush() noexcept;

  // Of so many spans that nobody but these was to get, and that are flushed: how many did one of them not take, or not write?
  std::uint32_t take_refused(std::uint32_t spans) noexcept;
  void add_to(Stats& stats) const noexcept;

 private:
  struct Seen {
    const char* record;
    SpanData* span;
    bool is_dropped = false;
  };

  explicit Observers(const Settings& settings);
  void show() noexcept;
  template <class F>
  bool guard(F&& call) noexcept;

  const bool has_collector_;
  std::vector<std::unique_ptr<jtrace::Reporter>> own_;
  std::vector<jtrace::Reporter*> all_;
  const Limits limits_;
  FinishHook* hook_ = nullptr;
  SpanReader reader_;
  SpanEditor editor_;
  std::vector<Seen> seen_;
  const char* edited_ = nullptr;
  std::vector<FinishedSpan> views_;
  bool has_reported_ = false;
  // Of the spans that take_refused() will be asked about: those that one did not take, and of the others those not yet flushed by all.
  std::uint64_t refused_ = 0, unflushed_ = 0;

  // Read by anybody: relaxed, numbers.
  Counter errors_, dropped_, cut_;
};

}  // namespace jtrace::inline v1::detail
