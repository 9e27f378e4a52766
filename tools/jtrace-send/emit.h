// Emitter: starts and finishes the spans of all traces through the library, as any program would, and sees to
// it that each of them is delivered: it emits no faster than the collector takes them, and stops at the first
// failure. Made and used by main() on one thread; it borrows the options.
#pragma once

#include <cstdint>
#include <functional>

#include "jtrace/tracer.h"
#include "options.h"
#include "scenario.h"

namespace jtrace_send {

// The tracer that the options and the environment ask for, as the global one. Test traces are always sampled,
// whatever JAEGER_SAMPLER_* and JAEGER_DISABLED say.
jtrace::Expected<jtrace::Tracer> make_tracer(const Options& options);

class Emitter {
 public:
  using Emitted = std::function<void(std::uint64_t trace, jtrace::TraceId id)>;

  Emitter(const Options& options, jtrace::Tracer tracer);

  // Emits the traces, calling `emitted` after each, and waits until all have their final status or nothing
  // moved for the time-out. Returns how many were emitted: fewer than wanted if there was a failure.
  std::uint64_t run(const Emitted& emitted);

 private:
  // One trace under way: its place in time, and whether it is to fail.
  struct Run {
    std::uint64_t trace;
    Timeline timeline;
    jtrace::Timestamp start;
    bool fails;

    jtrace::Timestamp start_of(Step step) const { return start + timeline.steps[step].start; }
    jtrace::Timestamp finish_of(Step step) const { return start + timeline.steps[step].finish; }
  };

  jtrace::TraceId emit(std::uint64_t trace) const;
  void download(const Run& run, const jtrace::Span& spider) const;
  void parser(const Run& run, const jtrace::Span& spider) const;
  void insert(const Run& run, const jtrace::Span& spider) const;
  void make_sql(const Run& run, const jtrace::Span& insert) const;
  void to_db(const Run& run, const jtrace::Span& insert) const;
  jtrace::Span start(const Run& run, Step step, jtrace::Kind kind, const jtrace::Parent& parent) const;
  void finish(const Run& run, Step step, jtrace::Span& span) const;

  bool has_losses() const;
  void wait_for_room() const;
  void wait_until_sent() const;

  const Options& options_;
  jtrace::Tracer tracer_;
  std::uint64_t most_queued_;  // spans
};

}  // namespace jtrace_send
