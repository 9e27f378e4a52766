// Emitter: starts and finishes the spans of one trace after the other through the library, as any program would: the
// tutorial's, or the tree of --spans and --depth. It borrows the options; any thread may call it.
#pragma once

#include <cstdint>

#include "jtrace/tracer.h"
#include "options.h"
#include "scenario.h"

namespace jtrace_send {

// Where the spans are to go, as the options say it.
void set_destination(jtrace::Config& config, const Options& options);

// The tracer that the options and the environment ask for, as the global one. Test traces are always sampled,
// whatever JAEGER_SAMPLER_* and JAEGER_DISABLED say.
jtrace::Expected<jtrace::Tracer> make_tracer(const Options& options);

// The library's default, said in code so that the environment cannot make it too small for a load.
inline constexpr std::int64_t kQueueBytes = 64 << 20;

class Emitter {
 public:
  Emitter(const Options& options, jtrace::Tracer tracer);

  jtrace::TraceId emit(std::uint64_t trace) const;

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

  jtrace::TraceId emit_spider(std::uint64_t trace) const;
  jtrace::TraceId emit_tree(std::uint64_t trace, const Tree& tree) const;
  void set_tags(jtrace::Span& span) const;
  void download(const Run& run, const jtrace::Span& spider) const;
  void parser(const Run& run, const jtrace::Span& spider) const;
  void insert(const Run& run, const jtrace::Span& spider) const;
  void make_sql(const Run& run, const jtrace::Span& insert) const;
  void to_db(const Run& run, const jtrace::Span& insert) const;
  jtrace::Span start(const Run& run, Step step, jtrace::Kind kind, const jtrace::Parent& parent) const;
  void finish(const Run& run, Step step, jtrace::Span& span) const;

  const Options& options_;
  jtrace::Tracer tracer_;
};

}  // namespace jtrace_send
