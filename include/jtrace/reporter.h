// Reporter: where finished spans go beside a collector, or in its place, in the program's own hands.
//
//   class Slow final : public jtrace::Reporter {
//     void report(std::span<const jtrace::FinishedSpan> spans) override {
//       for (const auto& span : spans)
//         if (span.duration() > 100ms) std::cerr << span.operation_name() << '\n';
//     }
//   };
//   auto made = jtrace::init({.endpoint = …, .reporters = {std::make_shared<Slow>()}});
//
// All of it is called on the thread of its tracer's reporter, and never waited for by a traced function; while it works no spans
// of that tracer are sent, and what is finished meanwhile waits in the queue. Thread safety: one thread of each tracer that has the
// object calls it. Where several have it, or the tracer of a second init() takes over, that may be at once. It may not trace. What a
// reporter throws is caught and counted (Stats::reporter_errors); the others, and the collector, get their spans all the same.
// A tracer keeps its share in each reporter for good, as spans may come until the process ends. In a forked child the same
// objects are used by the child's own thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jtrace/config.h"
#include "jtrace/parent.h"
#include "jtrace/span_context.h"
#include "jtrace/stats.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {

namespace detail {
struct SpanData;
class SpanEditor;
}  // namespace detail

struct FinishedLog {
  Timestamp time;
  std::span<const Field> fields;
};

struct FinishedReference {
  bool is_child_of;  // else it follows from it
  TraceId trace_id;
  SpanId span_id;
};

// A finished span as it goes to Jaeger: of several tags with one key the last, the library's own (sampler.type, span.kind, …)
// among them, all text valid UTF-8. A view of one pointer; it and all that it gives live as long as the call that got it.
class JTRACE_API FinishedSpan {
 public:
  std::string_view operation_name() const noexcept;
  TraceId trace_id() const noexcept;
  SpanId span_id() const noexcept;
  SpanId parent_id() const noexcept;  // zero for a root
  Kind kind() const noexcept;
  bool is_debug() const noexcept;
  bool is_cut() const noexcept;  // something of it did not fit
  Timestamp start_time() const noexcept;
  std::chrono::nanoseconds duration() const noexcept;  // at least a microsecond

  std::span<const Field> tags() const noexcept;
  const Value* tag(std::string_view key) const noexcept;  // null if there is none
  std::size_t log_count() const noexcept;
  FinishedLog log(std::size_t index) const noexcept;
  std::size_t reference_count() const noexcept;
  FinishedReference reference(std::size_t index) const noexcept;  // the parent is the first

  // For the library.
  explicit FinishedSpan(const detail::SpanData& data) noexcept : data_(&data) {}

 private:
  const detail::SpanData* data_;
};

class JTRACE_API Reporter {
 public:
  Reporter() = default;
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  virtual ~Reporter();

  // Some finished spans, of one thread, in the order in which it finished them.
  virtual void report(std::span<const FinishedSpan> spans) = 0;
  // No more for the moment: what was kept back is to be written now. A Tracer::flush() waits for it. Where it throws and there is no
  // collector, what came since the last one that did not counts as rejected.
  virtual void flush() {}
};

// Takes everything and does nothing: for measurements, and where something has to be given.
class NullReporter final : public Reporter {
 public:
  void report(std::span<const FinishedSpan>) override {}
};

// A span on its way to all reporters and the collector, which may be changed or dropped.
class JTRACE_API EditableSpan : public FinishedSpan {
 public:
  void set_operation_name(Text name);
  // The value is copied. An absent one (an empty optional) changes nothing.
  void set_tag(Text key, const Value& value);
  bool remove_tag(Text key);
  void set_log_field(std::size_t log, std::size_t field, const Value& value);
  void remove_log(std::size_t index);
  // It goes nowhere, and is counted (Stats::hook_dropped).
  void drop() noexcept;

  // For the library.
  explicit EditableSpan(detail::SpanEditor& editor) noexcept;

 private:
  detail::SpanEditor* editor_;
};

// Sees each finished span before anybody else, to change or drop it: redaction. Where it throws, the span is dropped, since what
// was to be taken out may still be in it.
class JTRACE_API FinishHook {
 public:
  FinishHook() = default;
  FinishHook(const FinishHook&) = delete;
  FinishHook& operator=(const FinishHook&) = delete;
  virtual ~FinishHook();

  virtual void on_finish(EditableSpan& span) = 0;
};

// A finish hook of one function: .finish_hook = jtrace::on_finish([](jtrace::EditableSpan& span) { span.remove_tag("password"); })
template <class F>
std::shared_ptr<FinishHook> on_finish(F function) {
  class Hook final : public FinishHook {
   public:
    explicit Hook(F given) : function_(std::move(given)) {}
    void on_finish(EditableSpan& span) override { function_(span); }

   private:
    F function_;
  };
  return std::make_shared<Hook>(std::move(function));
}

// Is told a tracer's counters, every stats_interval while its worker lives, and once more at its end. On the reporter's thread, like
// a Reporter; what it throws is caught and told.
class JTRACE_API StatsListener {
 public:
  StatsListener() = default;
  StatsListener(const StatsListener&) = delete;
  StatsListener& operator=(const StatsListener&) = delete;
  virtual ~StatsListener();

  virtual void on_stats(const Stats& stats) = 0;
};

// A listener of one function: .stats_listener = jtrace::on_stats([](const jtrace::Stats& stats) { … })
template <class F>
std::shared_ptr<StatsListener> on_stats(F function) {
  class Listener final : public StatsListener {
   public:
    explicit Listener(F given) : function_(std::move(given)) {}
    void on_stats(const Stats& stats) override { function_(stats); }

   private:
    F function_;
  };
  return std::make_shared<Listener>(std::move(function));
}

}  // namespace jtrace::inline v1
