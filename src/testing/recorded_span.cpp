#include "testing/recorded_span.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "record/record_view.h"

namespace jtrace::inline v1::detail {
namespace {

using testing::RecordedField;
using testing::RecordedLog;
using testing::RecordedSpan;

Value value_of(const Item& item) {
  switch (item.header.op) {
    case Op::boolean:
      return Value(item.header.value_size != 0);
    case Op::integer:
      return Value(static_cast<std::int64_t>(item.word()));
    case Op::unsigned_integer:
      return Value(item.word());
    case Op::floating:
      return Value(std::bit_cast<double>(item.word()));
    case Op::binary:
      return Value(bytes(item.value, item.header.value_size));
    default:
      return Value(item.bytes());
  }
}

void set(std::vector<RecordedField>& fields, std::string_view key, const Value& value) {
  const auto same = std::find_if(fields.begin(), fields.end(), [&](const RecordedField& f) { return f.first == key; });
  if (same != fields.end()) {
    same->second = value;
  } else {
    fields.emplace_back(key, value);
  }
}

void set_own_tags(RecordedSpan& span, const RecordView& record, const Sampler& sampler) {
  constexpr std::string_view kinds[] = {"", "client", "server", "producer", "consumer", "internal", "", ""};
  if (record.has(kNewTrace)) {
    set(span.tags, "sampler.type", Value(sampler.name()));
    const bool is_const = sampler.type() == Sampler::Type::constant;
    set(span.tags, "sampler.param", is_const ? Value(sampler.param() != 0) : Value(sampler.param()));
  }
  if (record.kind() != 0) set(span.tags, "span.kind", Value(kinds[record.kind()]));
}

void take(RecordedSpan& span, const Item& item, TickMap& time) {
  if (item.is_tag()) {
    set(span.tags, item.key, value_of(item));
  } else if (item.is_field() && !span.logs.empty()) {
    span.logs.back().fields.emplace_back(item.key, value_of(item));
  } else if (item.header.op == Op::log) {
    const bool is_wall = (item.header.flags & kWall) != 0;
    const std::int64_t at = is_wall ? static_cast<std::int64_t>(item.word()) : time.wall(item.word());
    span.logs.push_back({Timestamp(std::chrono::nanoseconds(at)), {}});
  } else if (item.header.op == Op::rename) {
    span.name = item.bytes();
  } else if (item.header.op == Op::follows_from) {
    span.references.push_back({false, {item.word(0), item.word(1)}, {item.word(2)}});
  }
}

}  // namespace

RecordedSpan read_record(const char* bytes, std::size_t size, const Sampler& sampler, TickMap& time) {
  const auto storage = std::make_shared<std::string>(bytes, size);
  const RecordView record(storage->data());
  const RecordHeader& header = record.header();
  const auto wall = [&](std::uint64_t stamp, std::uint32_t flag) {
    return record.has(flag) ? static_cast<std::int64_t>(stamp) : time.wall(stamp);
  };
  const TraceId trace_id{header.trace_high, header.trace_low};
  const std::int64_t start = wall(header.start, kStartIsWall);
  const std::int64_t end = wall(header.end, kEndIsWall);

  RecordedSpan span;
  span.storage = storage;
  span.name = record.name();
  span.context = SpanContext(trace_id, SpanId{header.span_id}, header.flags & kJaegerFlags, nullptr);
  span.parent = SpanId{header.parent_id};
  span.start = Timestamp(std::chrono::nanoseconds(start));
  span.duration = std::chrono::nanoseconds(std::max<std::int64_t>(end - start, 1000));
  span.cut = record.has(kCut);
  if (header.parent_id != 0) span.references.push_back({true, trace_id, span.parent});
  set_own_tags(span, record, sampler);
  record.visit([&](const Item& item) { take(span, item, time); });
  return span;
}

std::string draw_tree(const std::deque<RecordedSpan>& spans) {
  using Key = std::pair<TraceId, SpanId>;
  std::map<Key, std::vector<const RecordedSpan*>> children;
  std::map<Key, bool> known;
  for (const RecordedSpan& span : spans) known[{span.context.trace_id(), span.context.span_id()}] = true;
  std::vector<const RecordedSpan*> roots;
  for (const RecordedSpan& span : spans) {
    const Key parent{span.context.trace_id(), span.parent};
    (known.contains(parent) ? children[parent] : roots).push_back(&span);
  }
  const auto by_start = [](const RecordedSpan* a, const RecordedSpan* b) { return a->start < b->start; };
  std::string text;
  const auto draw = [&](const auto& self, std::vector<const RecordedSpan*>& list, std::size_t depth) -> void {
    std::stable_sort(list.begin(), list.end(), by_start);
    for (const RecordedSpan* span : list) {
      text.append(depth * 2, ' ').append(span->name).append(span->is_error() ? " !\n" : "\n");
      const auto below = children.find({span->context.trace_id(), span->context.span_id()});
      if (below == children.end()) continue;
      auto taken = std::exchange(below->second, {});  // once: two spans may claim one id
      self(self, taken, depth + 1);
    }
  };
  draw(draw, roots, 0);
  return text;
}

}  // namespace jtrace::inline v1::detail
