// Random spans: whatever a span is made of, the encoder's batch is the one that Apache Thrift writes for the same
// span, put together here a second time by the rules in plain words.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "encode/append_record.h"
#include "encode/both_ways.h"
#include "encode/otlp_json.h"
#include "encode/otlp_protobuf.h"
#include "encode/thrift_compact.h"
#include "encode/utf8.h"
#include "record/seed.h"
#if defined(JTRACE_HAS_COLLECTOR)
#include "decode.h"
#include "otlp_decode.h"
#endif

namespace {

using fixture::BothWays;
using fixture::RecordBuilder;
using jaeger::thrift::Span;
using jaeger::thrift::SpanRef;
using jaeger::thrift::SpanRefType;
using jaeger::thrift::Tag;
using jaeger::thrift::TagType;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool once_in(std::uint64_t times) { return below(times) == 0; }
  // Any bits, the extremes more often than chance would have it.
  std::uint64_t word() {
    constexpr std::uint64_t kExtremes[] = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63, (std::uint64_t{1} << 63) - 1};
    return once_in(3) ? kExtremes[below(5)] : random_();
  }
  std::string text() {
    std::string text;
    for (std::uint64_t left = once_in(20) ? below(6000) : below(40); left != 0; --left)
      text += once_in(200) ? static_cast<char>(random_()) : static_cast<char>('a' + below(26));
    if (once_in(5)) text += "\u00e9\u20ac\U0001f600";
    return text;
  }
  // Few keys, so that many meet again.
  std::string key() {
    static const std::string kKeys[] = {"",  "a",  "b", "c",  "span.kind", "error", "jtrace.cut", "a key of more than thirty-two bytes",
                                        "é", "\xff", "http.status_code", "db", "db.statement"};
    return kKeys[below(std::size(kKeys))];
  }

 private:
  std::mt19937_64 random_;
};

std::string repaired(std::string_view text) {
  std::string to(text.size() * 3, '\0');
  to.resize(jtrace::detail::repair_utf8(text, to.data()));
  return to;
}

Tag named(std::string_view key, TagType::type type) {
  Tag tag;
  tag.key = repaired(key);
  tag.vType = type;
  return tag;
}
Tag text_tag(std::string_view key, std::string_view value) {
  Tag tag = named(key, TagType::STRING);
  tag.__set_vStr(repaired(value));
  return tag;
}
Tag bool_tag(std::string_view key, bool value) {
  Tag tag = named(key, TagType::BOOL);
  tag.__set_vBool(value);
  return tag;
}

// One item, in the record and as Thrift has it.
Tag add_random_item(Dice& dice, RecordBuilder& record) {
  const std::string key = dice.key();
  switch (dice.below(6)) {
    case 0: {
      const std::string value = dice.text();
      record.text(key, value);
      return text_tag(key, value);
    }
    case 1: {
      const auto value = std::bit_cast<std::int64_t>(dice.word());
      record.integer(key, value);
      Tag tag = named(key, TagType::LONG);
      tag.__set_vLong(value);
      return tag;
    }
    case 2: {
      const bool value = dice.once_in(2);
      record.boolean(key, value);
      return bool_tag(key, value);
    }
    case 3: {
      const auto value = std::bit_cast<double>(dice.word());
      record.floating(key, value);
      Tag tag = named(key, TagType::DOUBLE);
      tag.__set_vDouble(value);
      return tag;
    }
    case 4: {
      const std::string value = dice.text();
      record.binary(key, value);
      Tag tag = named(key, TagType::BINARY);
      tag.__set_vBinary(value);
      return tag;
    }
    default: {
      const std::uint64_t value = dice.word();
      record.unsigned_integer(key, value);
      return text_tag(key, std::to_string(value));
    }
  }
}

// The last of each key, where the first of it stood.
void set_last(std::vector<Tag>& tags, Tag tag) {
  const auto same = std::find_if(tags.begin(), tags.end(), [&](const Tag& before) { return before.key == tag.key; });
  if (same == tags.end()) {
    tags.push_back(std::move(tag));
  } else {
    *same = std::move(tag);
  }
}

void add_identity(Dice& dice, RecordBuilder& record, Span& span) {
  const std::uint64_t high = dice.once_in(2) ? 0 : dice.word(), low = dice.word(), id = dice.word();
  const std::uint64_t parent = dice.once_in(2) ? 0 : dice.word();
  record.trace(high, low).span(id).parent(parent);
  span.traceIdHigh = std::bit_cast<std::int64_t>(high);
  span.traceIdLow = std::bit_cast<std::int64_t>(low);
  span.spanId = std::bit_cast<std::int64_t>(id);
  span.parentSpanId = std::bit_cast<std::int64_t>(parent);
  span.flags = 1;
  if (parent == 0) return;
  SpanRef reference;
  reference.refType = SpanRefType::CHILD_OF;
  reference.traceIdLow = span.traceIdLow;
  reference.traceIdHigh = span.traceIdHigh;
  reference.spanId = span.parentSpanId;
  span.references.push_back(reference);
}

void add_ticks(Dice& dice, RecordBuilder& record, Span& span) {
  const std::uint64_t start = dice.below(4'000'000'000), ticks = dice.below(4'000'000'000);
  record.ticks(start, start + ticks);
  const std::int64_t zero = fixture::kTickZero / 1000;
  span.startTime = zero + static_cast<std::int64_t>(start / 2000);
  span.duration = std::max<std::int64_t>(zero + static_cast<std::int64_t>((start + ticks) / 2000) - span.startTime, 1);
}

void add_times(Dice& dice, RecordBuilder& record, Span& span) {
  if (!dice.once_in(4)) return add_ticks(dice, record, span);
  const auto start = static_cast<std::int64_t>(dice.below(2'000'000'000'000'000'000));
  const auto end = start - 5000 + static_cast<std::int64_t>(dice.below(1'000'000'000));
  record.wall(start, end);
  span.startTime = start / 1000;
  span.duration = std::max<std::int64_t>(end / 1000 - start / 1000, 1);
}

void add_link(Dice& dice, RecordBuilder& record, Span& span) {
  const std::uint64_t high = dice.word(), low = dice.word(), id = dice.word();
  record.follows_from(high, low, id);
  SpanRef reference;
  reference.refType = SpanRefType::FOLLOWS_FROM;
  reference.traceIdLow = std::bit_cast<std::int64_t>(low);
  reference.traceIdHigh = std::bit_cast<std::int64_t>(high);
  reference.spanId = std::bit_cast<std::int64_t>(id);
  span.references.push_back(reference);
}

void add_log(Dice& dice, RecordBuilder& record, Span& span) {
  jaeger::thrift::Log log;
  const bool in_ticks = dice.once_in(2);
  const std::uint64_t stamp = dice.below(8'000'000'000) * 2;
  const auto wall = fixture::kTickZero + static_cast<std::int64_t>(stamp / 2);
  in_ticks ? record.log_at_ticks(stamp) : record.log_at_wall(wall);
  log.timestamp = wall / 1000;
  for (std::uint64_t fields = dice.below(5); fields != 0; --fields) log.fields.push_back(add_random_item(dice, record));
  record.tags();
  span.logs.push_back(std::move(log));
}

void add_own_tags(Dice& dice, RecordBuilder& record, std::vector<Tag>& own) {
  if (dice.once_in(3)) {
    record.flag(jtrace::detail::kNewTrace);
    own.push_back(text_tag("sampler.type", "const"));
    own.push_back(bool_tag("sampler.param", true));
  }
  if (dice.once_in(3)) {
    record.kind(2);
    own.push_back(text_tag("span.kind", "server"));
  }
  if (dice.once_in(5)) {
    record.flag(jtrace::detail::kCut);
    own.push_back(bool_tag("jtrace.cut", true));
  }
}

std::pair<RecordBuilder, Span> random_span(Dice& dice) {
  const std::string name = dice.text();
  RecordBuilder record(name);
  Span span;
  span.operationName = repaired(name);
  add_identity(dice, record, span);
  add_times(dice, record, span);
  std::vector<Tag> own, tags;
  add_own_tags(dice, record, own);
  const bool is_usual = dice.once_in(2);  // nothing but tags
  for (std::uint64_t items = dice.once_in(10) ? dice.below(100) : dice.below(8); items != 0; --items) {
    if (is_usual) {
      set_last(tags, add_random_item(dice, record));
    } else if (dice.once_in(8)) {
      const std::string other = dice.text();
      record.rename(other);
      span.operationName = repaired(other);
    } else if (dice.once_in(8)) {
      add_link(dice, record, span);
    } else if (dice.once_in(4)) {
      add_log(dice, record, span);
    } else {
      set_last(tags, add_random_item(dice, record));
    }
  }
  std::erase_if(own, [&](const Tag& tag) {
    return std::any_of(tags.begin(), tags.end(), [&](const Tag& users) { return users.key == tag.key; });
  });
  own.insert(own.end(), tags.begin(), tags.end());
  span.tags = std::move(own);
  span.__isset.tags = !span.tags.empty();
  span.__isset.references = !span.references.empty();
  span.__isset.logs = !span.logs.empty();
  return {std::move(record), std::move(span)};
}

}  // namespace

TEST_CASE("a random datagram is byte for byte what Apache Thrift writes for it, in either protocol") {
  using namespace jtrace::detail;
  Dice dice(fixture::announced_seed());
  const Sampler sampler = Sampler::constant(true);
  TickMap map = fixture::tick_map();
  ThriftCompactEncoder compact("service", {{"hostname", "h"}}, 4 << 20);
  ThriftBinaryEncoder binary("service", {{"hostname", "h"}}, sampler, 4 << 20, best_way(), ThriftBinaryEncoder::Form::message);
  for (int round = 0; round < 300; ++round) {
    jaeger::thrift::Batch wanted;
    wanted.process.serviceName = "service";
    wanted.process.__set_tags({text_tag("hostname", "h")});
    Batch batch, binary_batch;
    REQUIRE(compact.begin(batch));
    REQUIRE(binary.begin(binary_batch));
    for (std::uint64_t spans = dice.below(40); spans != 0; --spans) {
      auto [record, span] = random_span(dice);
      REQUIRE(fixture::append_record(compact, batch, record, sampler, map) == jtrace::detail::Encoder::Result::appended);
      REQUIRE(fixture::append_record(binary, binary_batch, record, sampler, map) == jtrace::detail::Encoder::Result::appended);
      wanted.spans.push_back(std::move(span));
      if (dice.once_in(5)) compact.end(batch), compact.reopen(batch), binary.end(binary_batch), binary.reopen(binary_batch);
    }
    compact.end(batch);
    binary.end(binary_batch);
    CHECK((batch.body.view() == fixture::encode_message(wanted, fixture::Wire::compact)));
    CHECK((binary_batch.body.view() == fixture::encode_message(wanted, fixture::Wire::binary)));
  }
}

#if defined(JTRACE_HAS_COLLECTOR)
namespace {

namespace seen = jtrace::collector;

// The spans of a body, as the collector has them after its reading of Thrift, with the tags in an order of their own.
std::vector<seen::Span> sorted(const seen::Decoded& decoded) {
  REQUIRE_MESSAGE(!decoded.error, *decoded.error);
  std::vector<seen::Span> spans;
  for (const auto& span : decoded.spans) {
    spans.push_back(*span);
    auto& tags = spans.back().tags;
    std::erase_if(tags, [](const seen::Tag& tag) { return tag.key == "otel.status_code"; });
    std::stable_sort(tags.begin(), tags.end(), [](const seen::Tag& a, const seen::Tag& b) { return a.key < b.key; });
    for (auto& log : spans.back().logs)
      std::stable_sort(log.fields.begin(), log.fields.end(), [](const seen::Tag& a, const seen::Tag& b) { return a.key < b.key; });
  }
  return spans;
}

bool is_same(const seen::Value& a, const seen::Value& b) {
  const auto *x = std::get_if<double>(&a), *y = std::get_if<double>(&b);
  return a == b || (x && y && std::isnan(*x) && std::isnan(*y));
}
bool is_same(const std::vector<seen::Tag>& a, const std::vector<seen::Tag>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const seen::Tag& x, const seen::Tag& y) { return x.key == y.key && is_same(x.value, y.value); });
}
void check_same(const seen::Span& a, const seen::Span& b) {
  CHECK(a.trace_id == b.trace_id);
  CHECK(a.span_id == b.span_id);
  CHECK(a.operation == b.operation);
  CHECK(a.references == b.references);
  CHECK(a.flags == b.flags);
  CHECK(a.start == b.start);
  CHECK(a.duration == b.duration);
  CHECK(is_same(a.tags, b.tags));
  REQUIRE(a.logs.size() == b.logs.size());
  for (std::size_t i = 0; i < a.logs.size(); ++i) {
    CHECK(a.logs[i].timestamp == b.logs[i].timestamp);
    CHECK(is_same(a.logs[i].fields, b.logs[i].fields));
  }
}

}  // namespace

TEST_CASE("a random batch as OTLP says the same as in Thrift, in JSON and in protobuf") {
  using namespace jtrace::detail;
  Dice dice(fixture::announced_seed());
  const Sampler sampler = Sampler::constant(true);
  TickMap map = fixture::tick_map();
  OtlpJsonEncoder json("service", {{"hostname", "h"}}, 4 << 20);
  OtlpProtobufEncoder protobuf("service", {{"hostname", "h"}}, 4 << 20);
  ThriftBinaryEncoder thrift("service", {{"hostname", "h"}}, sampler, 4 << 20);
  for (int round = 0; round < 100; ++round) {
    Batch bodies[3];
    jtrace::detail::Encoder* const encoders[] = {&thrift, &json, &protobuf};
    for (int i = 0; i < 3; ++i) REQUIRE(encoders[i]->begin(bodies[i]));
    for (std::uint64_t spans = dice.below(20); spans != 0; --spans) {
      auto [record, span] = random_span(dice);
      const bool is_reopened = dice.once_in(5);
      for (int i = 0; i < 3; ++i) {
        REQUIRE(fixture::append_record(*encoders[i], bodies[i], record, sampler, map) == jtrace::detail::Encoder::Result::appended);
        if (is_reopened) encoders[i]->end(bodies[i]), encoders[i]->reopen(bodies[i]);
      }
    }
    for (int i = 0; i < 3; ++i) encoders[i]->end(bodies[i]);
    const auto wanted = sorted(seen::decode_batch(bodies[0].body.view()));
    for (int i = 1; i < 3; ++i) {
      const auto decoded = seen::decode_otlp(bodies[i].body.view(), i == 1 ? seen::OtlpForm::kJson : seen::OtlpForm::kProtobuf);
      const auto arrived = sorted(decoded);
      REQUIRE(arrived.size() == wanted.size());
      for (std::size_t s = 0; s < wanted.size(); ++s) check_same(arrived[s], wanted[s]);
      if (arrived.empty()) continue;
      CHECK(arrived[0].process->service == "service");
      CHECK(arrived[0].process->tags == std::vector<seen::Tag>{{"host.name", std::string("h")}});
    }
  }
}
#endif

TEST_CASE("a random batch is byte for byte what Apache Thrift writes for it") {
  Dice dice(fixture::announced_seed());
  for (int round = 0; round < 300; ++round) {
    BothWays encoder("service", {{"hostname", "h"}});
    jaeger::thrift::Batch wanted;
    wanted.process.serviceName = "service";
    wanted.process.__set_tags({text_tag("hostname", "h")});
    for (std::uint64_t spans = dice.below(20); spans != 0; --spans) {
      auto [record, span] = random_span(dice);
      REQUIRE(encoder.append(record) == BothWays::Result::appended);
      wanted.spans.push_back(std::move(span));
    }
    const std::string_view body = encoder.end();
    if (body == fixture::encode(wanted)) continue;
    const auto arrived = fixture::decode(body);
    REQUIRE(arrived.spans.size() == wanted.spans.size());
    for (std::size_t i = 0; i < wanted.spans.size(); ++i) {
      CHECK(fixture::show(arrived.spans[i].tags) == fixture::show(wanted.spans[i].tags));
      CHECK(arrived.spans[i].references.size() == wanted.spans[i].references.size());
      CHECK(arrived.spans[i].logs.size() == wanted.spans[i].logs.size());
      CHECK(arrived.spans[i].operationName == wanted.spans[i].operationName);
    }
    FAIL("batch ", round, " differs");
  }
}
