// SpanEditor: changes a decoded span, for limits and a finish hook, and makes the record that comes of it, for an encoder that reads
// records. What the hook sets is copied to where the span was decoded to. Used by the reporter's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "record/span_data.h"

namespace jtrace::inline v1::detail {

class SpanEditor {
 public:
  // `reader` has decoded the spans.
  explicit SpanEditor(SpanReader& reader) noexcept : reader_(reader) {}

  // The next one, and what it was decoded to.
  void begin(RecordView record, SpanData& data) noexcept;

  SpanData& data() noexcept { return *data_; }
  bool is_changed() const noexcept { return is_changed_; }
  bool is_dropped() const noexcept { return is_dropped_; }
  void drop() noexcept { is_dropped_ = true; }

  void set_name(std::string_view name);
  void set_tag(std::string_view key, const Value& value);
  bool remove_tag(std::string_view key);
  void set_log_field(std::size_t log, std::size_t field, const Value& value);
  void remove_log(std::size_t index);
  // Takes out what is over the limits, from the end, and marks the span as cut; the library's own tags do not count. Was
  // anything taken out of a span that was whole until now?
  bool keep_within(const Limits& limits);

  // The record of what it is now, readable for a copy step behind its end; until the next begin(). Throws std::bad_alloc.
  const char* record();

 private:
  SpanReader& reader_;
  RecordHeader header_{};
  SpanData* data_ = nullptr;
  std::string bytes_;
  std::vector<std::uint64_t> record_;  // aligned
  bool is_changed_ = false, is_dropped_ = false;
};

}  // namespace jtrace::inline v1::detail
