// SpanEditor: a decoded span that a finish hook changes, and the record that comes of it. What the hook sets is copied here.
// Used by the reporter's thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "record/span_data.h"

namespace jtrace::inline v1::detail {

class SpanEditor {
 public:
  explicit SpanEditor(const Sampler& sampler) noexcept : reader_(sampler) {}

  // The next one. Throws std::bad_alloc.
  void begin(RecordView record, TickMap& time);

  SpanData& data() noexcept { return data_; }
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
  std::string_view keep(std::string_view text);
  Value keep(const Value& value);

  SpanReader reader_;
  RecordHeader header_{};
  SpanData data_;
  std::deque<std::string> texts_;
  std::string bytes_;
  std::vector<std::uint64_t> record_;  // aligned
  bool is_changed_ = false, is_dropped_ = false;
};

}  // namespace jtrace::inline v1::detail
