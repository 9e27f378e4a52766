#include "jtrace/reporter.h"
#include "record/span_data.h"
#include "record/span_editor.h"

namespace jtrace::inline v1 {

Reporter::~Reporter() = default;
FinishHook::~FinishHook() = default;
StatsListener::~StatsListener() = default;

std::string_view FinishedSpan::operation_name() const noexcept { return data_->name; }
TraceId FinishedSpan::trace_id() const noexcept { return {data_->trace_high, data_->trace_low}; }
SpanId FinishedSpan::span_id() const noexcept { return {data_->span_id}; }
SpanId FinishedSpan::parent_id() const noexcept { return {data_->parent_id}; }
Kind FinishedSpan::kind() const noexcept { return static_cast<Kind>(data_->kind); }
bool FinishedSpan::is_debug() const noexcept { return (data_->flags & detail::kDebugFlag) != 0; }
bool FinishedSpan::is_cut() const noexcept { return data_->is_cut; }
Timestamp FinishedSpan::start_time() const noexcept { return Timestamp(std::chrono::nanoseconds(data_->start)); }
std::chrono::nanoseconds FinishedSpan::duration() const noexcept { return std::chrono::nanoseconds(data_->end - data_->start); }

std::span<const Field> FinishedSpan::tags() const noexcept { return data_->tags; }

const Value* FinishedSpan::tag(std::string_view key) const noexcept {
  for (const Field& tag : data_->tags) {
    if (tag.key.view() == key) return &tag.value;
  }
  return nullptr;
}

std::size_t FinishedSpan::log_count() const noexcept { return data_->logs.size(); }

FinishedLog FinishedSpan::log(std::size_t index) const noexcept {
  const detail::LogData& log = data_->logs[index];
  return {Timestamp(std::chrono::nanoseconds(log.time)), std::span(data_->log_fields).subspan(log.first, log.count)};
}

std::size_t FinishedSpan::reference_count() const noexcept { return data_->references.size(); }

FinishedReference FinishedSpan::reference(std::size_t index) const noexcept {
  const detail::ReferenceData& one = data_->references[index];
  return {one.is_child_of, {one.trace_high, one.trace_low}, {one.span_id}};
}

EditableSpan::EditableSpan(detail::SpanEditor& editor) noexcept : FinishedSpan(editor.data()), editor_(&editor) {}

void EditableSpan::set_operation_name(Text name) { editor_->set_name(name); }
void EditableSpan::set_tag(Text key, const Value& value) { editor_->set_tag(key, value); }
bool EditableSpan::remove_tag(Text key) { return editor_->remove_tag(key); }
void EditableSpan::set_log_field(std::size_t log, std::size_t field, const Value& value) { editor_->set_log_field(log, field, value); }
void EditableSpan::remove_log(std::size_t index) { editor_->remove_log(index); }
void EditableSpan::drop() noexcept { editor_->drop(); }

}  // namespace jtrace::inline v1
