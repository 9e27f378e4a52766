// In-memory ends of the line, for tests of code that is traced: Recorder, which stands in the place of the program's tracer, and
// InMemoryReporter, which sees what a tracer of the program's delivers.
//
//   jtrace::testing::Recorder recorder;
//   shop::checkout(2);
//   CHECK(recorder.tree() == "shop::checkout\n  shop::reserve\n");
//   CHECK(recorder.matches("shop::checkout(shop::reserve[items=2], shop::log?)"));
//
// Patterns. Siblings stand in the order in which they began, and nothing may be there that the pattern does not name:
//
//   pattern := siblings | {siblings}                       the roots; in braces: in any order
//   siblings := span, span, …
//   span    := name [!] [ [tags] ] [ (siblings) | {siblings} ] [how many]   or   ...   any spans, also none, whatever is below them
//   tags    := tag, tag, …      tag := key | key=value | !key               it has it; with that value, as text; it has it not
//   how many := ? | + | #2 | #2-5 | #2-                    none or one; one or more; two; two to five; two or more
//
// `!` says that the span has an error; without it, it has none. A name, key or value with other characters than letters, digits and
// the like, such as a space, a comma or a bracket, stands in double quotes. A star in a name or value that is not in quotes stands for any
// characters. Spaces between these count for nothing. A span without (…) or {…} has no children; `(...)` lets it have any.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jtrace/parent.h"
#include "jtrace/reporter.h"
#include "jtrace/span_context.h"
#include "jtrace/tracer.h"
#include "jtrace/value.h"

namespace jtrace::inline v1::testing {

using RecordedField = std::pair<std::string, Value>;

struct JTRACE_API RecordedLog {
  Timestamp time;
  std::vector<RecordedField> fields;

  const Value* field(std::string_view key) const noexcept;  // null if there is none
};

struct RecordedReference {
  bool is_child_of;  // else it follows from it
  TraceId trace_id;
  SpanId span_id;
};

// One finished span as it would go to Jaeger: the last tag of a key, in the order of the first.
struct JTRACE_API RecordedSpan {
  std::string name;
  SpanContext context;
  SpanId parent;  // zero for a root
  Timestamp start;
  std::chrono::nanoseconds duration;
  std::vector<RecordedField> tags;
  std::vector<RecordedLog> logs;
  std::vector<RecordedReference> references;
  bool cut = false;

  const Value* tag(std::string_view key) const noexcept;  // null if there is none
  bool has_tag(std::string_view key, const Value& wanted) const noexcept;
  bool is_error() const noexcept;

  std::shared_ptr<const void> storage;  // what the values of this span point into
};

// Whether spans match a pattern; where they do not, why: the first difference, and the trees with an arrow at it. Test frameworks
// that print what they check print that.
class Matched {
 public:
  Matched() = default;
  explicit Matched(std::string message) : message_(std::move(message)) {}

  explicit operator bool() const noexcept { return message_.empty(); }
  const std::string& message() const noexcept { return message_; }

  template <class Stream>
  friend Stream& operator<<(Stream& to, const Matched& matched) {
    to << (matched ? "they match" : matched.message_.c_str());
    return to;
  }

 private:
  std::string message_;  // empty: they match
};

// While it lives it stands behind the global tracer, and puts back what was there before when it goes; recorders may
// be nested. Its calls lock, allocate and may throw std::bad_alloc: they are for the test's thread, the traced code may
// run on any thread meanwhile.
class JTRACE_API Recorder {
 public:
  Recorder();
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // The same tracer, for code that takes one.
  Tracer tracer() const noexcept;
  // From now on: keep (true) or drop new traces.
  void sample(bool keep) noexcept;

  // Everything finished so far, in the order in which each thread finished it. References and spans live as long as
  // the recorder; clear() ends them.
  const std::deque<RecordedSpan>& spans();
  // The first of that name; throws std::out_of_range, naming what there is, if there is none.
  const RecordedSpan& span(std::string_view name);
  // The traces as an indented tree, siblings by start; a span with an error ends with " !". Spans whose parent was not
  // recorded stand as roots.
  std::string tree();
  // Throws std::invalid_argument where the pattern is none.
  Matched matches(std::string_view pattern);
  void clear();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// For a test that is to see what a tracer with a configuration of its own delivers: after the finish hook and the limits, as it goes to
// Jaeger. What is finished is there after Tracer::flush().
//
//   const auto delivered = std::make_shared<jtrace::testing::InMemoryReporter>();
//   auto made = jtrace::make_tracer({.service_name = "orders", .reporters = {delivered}});
//
// Any thread may call it; the calls lock, allocate and may throw std::bad_alloc.
class JTRACE_API InMemoryReporter final : public Reporter {
 public:
  InMemoryReporter();
  ~InMemoryReporter() override;

  void report(std::span<const FinishedSpan> spans) override;

  // Copies of what came so far.
  std::deque<RecordedSpan> spans() const;
  // As those of Recorder.
  RecordedSpan span(std::string_view name) const;
  std::string tree() const;
  Matched matches(std::string_view pattern) const;
  void clear();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jtrace::inline v1::testing
