// Recorder: an in-memory end of the line, for tests of code that is traced.
//
//   jtrace::testing::Recorder recorder;
//   shop::checkout(2);
//   CHECK(recorder.tree() == "shop::checkout\n  shop::reserve\n");
//
// While it lives it stands behind the global tracer, and puts back what was there before when it goes; recorders may
// be nested. Its calls lock, allocate and may throw std::bad_alloc: they are for the test's thread, the traced code may
// run on any thread meanwhile.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jtrace/parent.h"
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
  void clear();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jtrace::inline v1::testing
