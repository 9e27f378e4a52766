#include "record/span_data.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "encode/utf8.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kKinds[] = {"", "client", "server", "producer", "consumer", "internal", "", ""};

void clear(SpanData& span) noexcept {
  span.tags.clear();
  span.logs.clear();
  span.log_fields.clear();
  span.references.clear();
}

void set_header(SpanData& span, RecordView record, TickMap& time) {
  const RecordHeader& header = record.header();
  const auto wall = [&](std::uint64_t stamp, std::uint32_t flag) {
    return record.has(flag) ? static_cast<std::int64_t>(stamp) : time.wall(stamp);
  };
  span.trace_high = header.trace_high;
  span.trace_low = header.trace_low;
  span.span_id = header.span_id;
  span.parent_id = header.parent_id;
  span.flags = header.flags & kJaegerFlags;
  span.kind = record.kind();
  span.is_cut = record.has(kCut);
  span.start = wall(header.start, kStartIsWall);
  span.end = std::max(wall(header.end, kEndIsWall), span.start + 1000);
}

// Of a number that the IDL has no type for.
std::string digits(std::uint64_t number) {
  char text[20];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

}  // namespace

const SpanData& SpanReader::read(RecordView record, TickMap& time) {
  if (kept_count_ == 0) texts_.clear();
  read(last_, record, time);
  return last_;
}

SpanData& SpanReader::keep(RecordView record, TickMap& time) {
  if (kept_.size() == kept_count_) kept_.emplace_back();
  SpanData& span = kept_[kept_count_];
  read(span, record, time);
  ++kept_count_;
  return span;
}

void SpanReader::forget() noexcept {
  kept_count_ = 0;
  texts_.clear();
}

void SpanReader::read(SpanData& span, RecordView record, TickMap& time) {
  decoded_.fetch_add(1, std::memory_order_relaxed);
  clear(span);
  places_.clear();
  set_header(span, record, time);
  span.name = valid(record.name());
  if (span.parent_id != 0) span.references.push_back({true, span.trace_high, span.trace_low, span.parent_id});
  record.visit([&](const Item& item) {
    if (item.is_tag()) {
      add_tag(span, valid(item.key), value_of(item));
    } else if (item.is_field() && !span.logs.empty()) {
      span.log_fields.push_back({valid(item.key), value_of(item)});
      ++span.logs.back().count;
    } else if (item.header.op == Op::log) {
      const bool is_wall = (item.header.flags & kWall) != 0;
      const std::int64_t at = is_wall ? static_cast<std::int64_t>(item.word()) : time.wall(item.word());
      span.logs.push_back({at, span.log_fields.size(), 0});
    } else if (item.header.op == Op::rename) {
      span.name = valid(item.bytes());
    } else if (item.header.op == Op::follows_from) {
      span.references.push_back({false, item.word(0), item.word(1), item.word(2)});
    }
  });
  add_own_tags(span, record);
}

void SpanReader::add_own_tags(SpanData& span, RecordView record) {
  std::ptrdiff_t count = 0;
  const auto add = [&](std::string_view key, const Value& value) {
    const auto same = [&](const Field& tag) { return tag.key.view() == key; };
    if (std::any_of(span.tags.begin() + count, span.tags.end(), same)) return;
    span.tags.insert(span.tags.begin() + count++, {key, value});
  };
  if (record.has(kNewTrace)) {
    const bool is_const = sampler_.type() == Sampler::Type::constant;
    add("sampler.type", sampler_.name());
    add("sampler.param", is_const ? Value(sampler_.param() != 0) : Value(sampler_.param()));
  }
  if (record.kind() != 0) add("span.kind", kKinds[record.kind()]);
  if (record.has(kCut)) add("jtrace.cut", true);
}

void SpanReader::add_tag(SpanData& span, std::string_view key, const Value& value) {
  auto same = span.tags.end();
  if (span.tags.size() <= kFewTags) {
    same = std::find_if(span.tags.begin(), span.tags.end(), [&](const Field& tag) { return tag.key.view() == key; });
  } else {
    if (places_.empty()) {
      for (std::size_t i = 0; i < span.tags.size(); ++i) places_.emplace(span.tags[i].key.view(), i);
    }
    const auto [place, is_new] = places_.emplace(key, span.tags.size());
    if (!is_new) same = span.tags.begin() + static_cast<std::ptrdiff_t>(place->second);
  }
  if (same == span.tags.end()) {
    span.tags.push_back({key, value});
  } else {
    same->value = value;
  }
}

Value SpanReader::value_of(const Item& item) {
  switch (item.header.op) {
    case Op::boolean:
      return item.header.value_size != 0;
    case Op::integer:
      return static_cast<std::int64_t>(item.word());
    case Op::floating:
      return std::bit_cast<double>(item.word());
    case Op::binary:
      return bytes(item.value, item.header.value_size);
    case Op::unsigned_integer:
      return keep_text(digits(item.word()));
    default:
      return valid(item.bytes());
  }
}

std::string_view SpanReader::copy(std::string_view text) {
  const std::string_view repaired = valid(text);
  return repaired.data() == text.data() ? keep_text(std::string(text)) : repaired;
}

Value SpanReader::copy(const Value& value) {
  switch (value.type()) {
    case Value::Type::text:
      return copy(value.as_text());
    case Value::Type::binary: {
      const std::string_view kept = keep_text(std::string(value.as_text()));
      return bytes(kept.data(), kept.size());
    }
    case Value::Type::unsigned_integer:
      return keep_text(digits(value.as_unsigned()));
    default:
      return value;
  }
}

std::string_view SpanReader::valid(std::string_view text) {
  if (is_valid_utf8(text)) return text;
  return keep_text(repaired_utf8(text));
}

std::string_view SpanReader::keep_text(std::string text) {
  texts_.push_back(std::move(text));
  return texts_.back();
}

}  // namespace jtrace::inline v1::detail
