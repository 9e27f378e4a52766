#include "record/span_editor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "encode/own_tags.h"
#include "queue/chunk.h"

namespace jtrace::inline v1::detail {
namespace {

Op op_of(Value::Type type) noexcept {
  switch (type) {
    case Value::Type::floating: return Op::floating;
    case Value::Type::boolean: return Op::boolean;
    case Value::Type::integer: return Op::integer;
    case Value::Type::binary: return Op::binary;
    case Value::Type::unsigned_integer: return Op::unsigned_integer;
    default: return Op::text;
  }
}

class Items {
 public:
  explicit Items(std::string& to) noexcept : to_(to) {}

  void field(std::uint8_t flags, std::string_view key, const Value& value) {
    if (value.type() == Value::Type::absent) return;
    const Op op = op_of(value.type());
    key = key.substr(0, kMostKeyBytes);
    if (op == Op::text || op == Op::binary) return item(op, flags, key, value.as_text());
    if (op == Op::boolean) return head(op, flags, key, value.as_bool() ? 1 : 0);
    const std::uint64_t word = op == Op::floating ? std::bit_cast<std::uint64_t>(value.as_double()) : value.as_unsigned();
    item(op, flags, key, {reinterpret_cast<const char*>(&word), sizeof word});
  }
  void log(std::int64_t time) { item(Op::log, kWall, {}, {reinterpret_cast<const char*>(&time), sizeof time}); }
  void follows_from(const ReferenceData& from) {
    const std::uint64_t ids[] = {from.trace_high, from.trace_low, from.span_id};
    item(Op::follows_from, 0, {}, {reinterpret_cast<const char*>(ids), sizeof ids});
  }

 private:
  void item(Op op, std::uint8_t flags, std::string_view key, std::string_view value) {
    head(op, flags, key, static_cast<std::uint32_t>(value.size()));
    to_ += value;
  }
  void head(Op op, std::uint8_t flags, std::string_view key, std::uint32_t value_size) {
    const ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), value_size};
    to_.append(reinterpret_cast<const char*>(&header), sizeof header);
    to_ += key;
  }

  std::string& to_;
};

auto find_tag(SpanData& data, std::string_view key) {
  return std::find_if(data.tags.begin(), data.tags.end(), [&](const Field& tag) { return tag.key.view() == key; });
}

// The sampler's tags are tags like others from here on.
std::uint32_t flags_of(const RecordHeader& before, SpanData& data) noexcept {
  constexpr std::uint32_t kRewritten = kNewTrace | kRenamed | kHasLogs | kHasLinks | 7u << kKindShift;
  std::uint32_t flags = (before.flags & ~kRewritten) | kStartIsWall | kEndIsWall;
  flags |= data.kind << kKindShift;
  if (find_tag(data, OwnTags::kCutKey) == data.tags.end()) flags &= ~kCut;
  if (!data.logs.empty()) flags |= kHasLogs;
  const bool has_links = std::any_of(data.references.begin(), data.references.end(), [](const ReferenceData& one) { return !one.is_child_of; });
  return has_links ? flags | kHasLinks : flags;
}

}  // namespace

void SpanEditor::begin(RecordView record, SpanData& data) noexcept {
  is_changed_ = is_dropped_ = false;
  header_ = record.header();
  data_ = &data;
}

void SpanEditor::set_name(std::string_view name) {
  is_changed_ = true;
  data_->name = reader_.copy(name);
}

void SpanEditor::set_tag(std::string_view key, const Value& value) {
  if (value.type() == Value::Type::absent) return;
  is_changed_ = true;
  const Value kept = reader_.copy(value);
  const auto same = find_tag(*data_, key);
  if (same == data_->tags.end()) {
    data_->tags.push_back({reader_.copy(key.substr(0, kMostKeyBytes)), kept});
  } else {
    same->value = kept;
  }
}

bool SpanEditor::remove_tag(std::string_view key) {
  const auto same = find_tag(*data_, key);
  if (same == data_->tags.end()) return false;
  data_->tags.erase(same);
  if (key == "span.kind") data_->kind = 0;
  return is_changed_ = true;
}

void SpanEditor::set_log_field(std::size_t log, std::size_t field, const Value& value) {
  if (log >= data_->logs.size() || field >= data_->logs[log].count || value.type() == Value::Type::absent) return;
  data_->log_fields[data_->logs[log].first + field].value = reader_.copy(value);
  is_changed_ = true;
}

void SpanEditor::remove_log(std::size_t index) {
  if (index >= data_->logs.size()) return;
  data_->logs.erase(data_->logs.begin() + static_cast<std::ptrdiff_t>(index));
  is_changed_ = true;
}

bool SpanEditor::keep_within(const Limits& limits) {
  const auto over = [](std::int64_t most, std::size_t count) { return most != 0 && count > static_cast<std::size_t>(most); };
  const auto own = std::count_if(data_->tags.begin(), data_->tags.end(), [](const Field& tag) { return OwnTags::is_own(tag.key); });
  bool is_cut = false;
  if (over(limits.tags, data_->tags.size() - static_cast<std::size_t>(own))) {
    data_->tags.erase(data_->tags.begin() + own + limits.tags, data_->tags.end());
    is_cut = true;
  }
  if (over(limits.logs, data_->logs.size())) {
    data_->logs.resize(static_cast<std::size_t>(limits.logs));
    is_cut = true;
  }
  for (LogData& log : data_->logs) {
    if (!over(limits.log_fields, log.count)) continue;
    log.count = static_cast<std::size_t>(limits.log_fields);
    is_cut = true;
  }
  if (!is_cut) return false;
  is_changed_ = data_->is_cut = true;
  if (find_tag(*data_, OwnTags::kCutKey) == data_->tags.end()) data_->tags.insert(data_->tags.begin() + own, {OwnTags::kCutKey, true});
  return (std::exchange(header_.flags, header_.flags | kCut) & kCut) == 0;
}

const char* SpanEditor::record() {
  bytes_.clear();
  bytes_.append(sizeof header_, '\0').append(data_->name);
  Items items(bytes_);
  for (const Field& tag : data_->tags) items.field(0, tag.key.view(), tag.value);
  for (const ReferenceData& reference : data_->references) {
    if (!reference.is_child_of) items.follows_from(reference);
  }
  for (const LogData& log : data_->logs) {
    items.log(log.time);
    for (std::size_t i = 0; i < log.count; ++i) items.field(kField, data_->log_fields[log.first + i].key.view(), data_->log_fields[log.first + i].value);
  }
  RecordHeader header = header_;
  header.size = static_cast<std::uint32_t>(align8(bytes_.size()));
  header.name_size = static_cast<std::uint32_t>(data_->name.size());
  header.flags = flags_of(header_, *data_);
  header.start = static_cast<std::uint64_t>(data_->start);
  header.end = static_cast<std::uint64_t>(data_->end);
  std::memcpy(bytes_.data(), &header, sizeof header);
  record_.assign((header.size + kCopyStep) / sizeof(std::uint64_t), 0);
  std::memcpy(record_.data(), bytes_.data(), bytes_.size());
  return reinterpret_cast<const char*>(record_.data());
}

}  // namespace jtrace::inline v1::detail
