// SpanData: a finished span, decoded: what every format but Thrift's binary one is written from, and what users' reporters
// see. SpanReader makes it of a record, as it goes to Jaeger: of several tags with one key the last, where the first one stood,
// and before them those of the library's own whose keys the user has not set; invalid UTF-8 repaired, a large unsigned number as its decimal text.
//
// Everything points into the record, or into the reader, which keeps its memory for the next span. Used by one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clock/tick_map.h"
#include "jtrace/value.h"
#include "record/record_view.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

struct LogData {
  std::int64_t time = 0;            // nanoseconds since the epoch
  std::size_t first = 0, count = 0; // its fields
};

struct ReferenceData {
  bool is_child_of = false;  // else it follows from it
  std::uint64_t trace_high = 0, trace_low = 0, span_id = 0;
};

struct SpanData {
  std::string_view name;
  std::uint64_t trace_high = 0, trace_low = 0, span_id = 0, parent_id = 0;  // no parent: 0
  std::uint32_t flags = 0;           // Jaeger's own
  std::uint32_t kind = 0;            // jtrace::Kind
  bool is_cut = false;
  std::int64_t start = 0, end = 0;   // nanoseconds since the epoch; end - start is at least 1 µs
  std::vector<Field> tags;
  std::vector<LogData> logs;
  std::vector<Field> log_fields;     // of all logs
  std::vector<ReferenceData> references;  // the parent first

  std::int64_t start_micros() const noexcept { return start / 1000; }
  std::int64_t duration_micros() const noexcept { return end / 1000 - start / 1000; }
};

class SpanReader {
 public:
  explicit SpanReader(const Sampler& sampler) noexcept : sampler_(sampler) {}

  // Valid until the next call of read() or keep(). Throws std::bad_alloc.
  const SpanData& read(RecordView record, TickMap& time);
  // The same, each time into another place, valid until forget(). Whoever keeps it may change it.
  SpanData& keep(RecordView record, TickMap& time);
  // A copy of what is to stand in such a span, as it would have been read; valid until forget(). Throws std::bad_alloc.
  std::string_view copy(std::string_view text);
  Value copy(const Value& value);
  void forget() noexcept;

  // How many records were decoded in this process, by whomever.
  static std::uint64_t decoded() noexcept { return decoded_.load(std::memory_order_relaxed); }

 private:
  void read(SpanData& span, RecordView record, TickMap& time);
  void add_own_tags(SpanData& span, RecordView record);
  void add_tag(SpanData& span, std::string_view key, const Value& value);
  Value value_of(const Item& item);
  std::string_view valid(std::string_view text);
  std::string_view keep_text(std::string text);

  static constexpr std::size_t kFewTags = 16;  // are looked through one by one

  static inline constinit std::atomic<std::uint64_t> decoded_{0};  // relaxed: a number

  const Sampler& sampler_;
  SpanData last_;
  std::deque<SpanData> kept_;
  std::size_t kept_count_ = 0;
  std::deque<std::string> texts_;  // what is not in the record as it is to be seen
  std::unordered_map<std::string_view, std::size_t> places_;  // of the tags, where there are many
};

}  // namespace jtrace::inline v1::detail
