// The encoder: every construct of a span in Thrift's binary protocol, against a golden body and against Apache Thrift,
// whose generated code reads each batch and must write the very same bytes again.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "encode/both_ways.h"

namespace {

using fixture::BothWays;
using fixture::RecordBuilder;
using fixture::sent;
using fixture::sent_tags;
using jaeger::thrift::SpanRefType;
using namespace jtrace::detail;

constexpr std::uint64_t kTop = 0x8000000000000000;

std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// "CHILD_OF high:low:span" for each reference.
std::string references(const jaeger::thrift::Span& span) {
  std::string text;
  for (const auto& reference : span.references) {
    text += reference.refType == SpanRefType::CHILD_OF ? "CHILD_OF " : "FOLLOWS_FROM ";
    for (const std::int64_t id : {reference.traceIdHigh, reference.traceIdLow, reference.spanId})
      text += std::to_string(as_unsigned(id)) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("the span of the golden body is encoded to exactly these bytes") {
  RecordBuilder span("op");
  span.trace(0, 0x0102030405060708).span(0xffffffffffffffff).wall(1'600'000'000'000'000'000, 1'600'000'000'001'000'000);
  span.text("s", "v").boolean("b", true).integer("l", -2).floating("d", 0.5);
  span.log_at_wall(1'600'000'000'000'500'000).text("event", "e");

  BothWays encoder("svc", {{"hostname", "h"}});
  REQUIRE(encoder.append(span) == BothWays::Result::appended);
  const std::string body(encoder.end());
  const std::string golden = fixture::golden("one_span_http.hex");
  INFO("ours:\n", fixture::hex(body), "\ngolden:\n", fixture::hex(golden));
  CHECK(golden.size() == 307);
  CHECK((body == golden));
  fixture::decode_exactly(body);
}

TEST_CASE("a tag arrives with the type and value it was given, up to the extremes of each") {
  RecordBuilder span;
  span.text("text", "v").text("empty", "").text("", "no key").text("", "");
  CHECK(sent_tags(span) == "text STRING \"v\", empty STRING \"\",  STRING \"\"");  // the empty key counts once

  RecordBuilder integers;
  integers.integer("zero", 0).integer("one", 1).integer("minus", -1);
  integers.integer("least", std::numeric_limits<std::int64_t>::min());
  integers.integer("most", std::numeric_limits<std::int64_t>::max());
  CHECK(sent_tags(integers) ==
        "zero LONG 0, one LONG 1, minus LONG -1, least LONG -9223372036854775808, most LONG 9223372036854775807");

  RecordBuilder numbers;
  numbers.unsigned_integer("over", kTop).unsigned_integer("most", ~std::uint64_t{0});
  CHECK(sent_tags(numbers) == "over STRING \"9223372036854775808\", most STRING \"18446744073709551615\"");

  RecordBuilder truths;
  truths.boolean("yes", true).boolean("no", false);
  CHECK(sent_tags(truths) == "yes BOOL true, no BOOL false");
}

TEST_CASE("a floating point tag keeps every bit") {
  using Limits = std::numeric_limits<double>;
  RecordBuilder span;
  span.floating("plus", 0.0).floating("minus", -0.0).floating("tenth", 0.1).floating("most", Limits::max());
  span.floating("least", Limits::denorm_min()).floating("inf", Limits::infinity());
  span.floating("ninf", -Limits::infinity()).floating("nan", Limits::quiet_NaN());
  CHECK(sent_tags(span) ==
        "plus DOUBLE 0000000000000000, minus DOUBLE 8000000000000000, tenth DOUBLE 3fb999999999999a, "
        "most DOUBLE 7fefffffffffffff, least DOUBLE 0000000000000001, inf DOUBLE 7ff0000000000000, "
        "ninf DOUBLE fff0000000000000, nan DOUBLE 7ff8000000000000");
}

TEST_CASE("texts of every length around the short ones arrive whole, as do long ones") {
  for (const std::size_t size : {7u, 8u, 9u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 255u, 256u, 4095u, 4096u, 4097u,
                                 65535u, 300'000u}) {
    CAPTURE(size);
    std::string value;
    for (std::size_t i = 0; i < size; ++i) value += static_cast<char>('a' + i % 26);
    RecordBuilder span(value);
    span.text("value", value).text(std::string_view(value).substr(0, kMostKeyBytes), "long key");
    span.log_at_wall(0).text("message", value);
    const auto arrived = sent(span);
    CHECK((arrived.operationName == value));
    CHECK((arrived.tags.at(0).vStr == value));
    CHECK((arrived.tags.at(1).key == std::string_view(value).substr(0, kMostKeyBytes)));
    CHECK((arrived.logs.at(0).fields.at(0).vStr == value));
  }
}

TEST_CASE("bytes arrive unchanged, zeros and invalid UTF-8 included, and a text may hold a zero too") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  RecordBuilder span;
  span.binary("all", all).binary("none", "").text("zero", std::string_view("a\0b", 3));
  const auto arrived = sent(span);
  CHECK((arrived.tags.at(0).vBinary == all));
  CHECK(fixture::show(arrived.tags.at(1)) == "none BINARY \"\"");
  CHECK(fixture::show(arrived.tags.at(2)) == "zero STRING \"a\\00b\"");
}

TEST_CASE("an error is the boolean tag, which is all that current Jaegers recognise") {
  RecordBuilder span;
  span.boolean("error", true);
  CHECK(sent_tags(span) == "error BOOL true");
}

TEST_CASE("a span's kind is a text tag, and no kind is no tag") {
  const char* const names[] = {"client", "server", "producer", "consumer", "internal"};
  for (std::uint32_t kind = 1; kind <= 5; ++kind) {
    RecordBuilder span;
    span.kind(kind);
    CHECK(sent_tags(span) == std::string("span.kind STRING \"") + names[kind - 1] + "\"");
  }
  RecordBuilder plain;
  CHECK_FALSE(sent(plain).__isset.tags);
}

TEST_CASE("a root has parent 0 and no references") {
  RecordBuilder span;
  const auto arrived = sent(span);
  CHECK(arrived.parentSpanId == 0);
  CHECK_FALSE(arrived.__isset.references);
}

TEST_CASE("a child names its parent twice: as parentSpanId and as a CHILD_OF reference in the same trace") {
  RecordBuilder span;
  span.trace(5, 6).span(7).parent(8);
  const auto arrived = sent(span);
  CHECK(arrived.parentSpanId == 8);
  CHECK(references(arrived) == "CHILD_OF 5 6 8 ");
}

TEST_CASE("what a span follows from becomes references, in order, behind the parent's") {
  RecordBuilder span;
  span.trace(5, 6).parent(8).follows_from(1, 2, 3).text("between", "x").follows_from(0, kTop, ~std::uint64_t{0});
  const auto arrived = sent(span);
  CHECK(references(arrived) ==
        "CHILD_OF 5 6 8 FOLLOWS_FROM 1 2 3 FOLLOWS_FROM 0 9223372036854775808 18446744073709551615 ");
  CHECK(fixture::show(arrived.tags) == "between STRING \"x\"");

  RecordBuilder root;
  root.follows_from(1, 2, 3);
  CHECK(sent(root).parentSpanId == 0);
  CHECK(references(sent(root)) == "FOLLOWS_FROM 1 2 3 ");
}

TEST_CASE("ids keep their bits: 64 and 128 bits wide, also with the top bit set") {
  const std::uint64_t ids[] = {1, 0x0102030405060708, kTop - 1, kTop, ~std::uint64_t{0}};
  for (const std::uint64_t high : {std::uint64_t{0}, std::uint64_t{1}, kTop, ~std::uint64_t{0}}) {
    for (const std::uint64_t id : ids) {
      RecordBuilder span;
      span.trace(high, id).span(id ^ 3).parent(id ^ 5);
      const auto arrived = sent(span);
      CHECK(as_unsigned(arrived.traceIdHigh) == high);
      CHECK(as_unsigned(arrived.traceIdLow) == id);
      CHECK(as_unsigned(arrived.spanId) == (id ^ 3));
      CHECK(as_unsigned(arrived.parentSpanId) == (id ^ 5));
    }
  }
}

TEST_CASE("flags are Jaeger's own bits and nothing of the record's") {
  RecordBuilder sampled, debug, plain, full;
  CHECK(sent(sampled).flags == 1);
  CHECK(sent(debug.flag(kDebugFlag)).flags == 3);
  CHECK(sent(plain.no_flag(kSampledFlag)).flags == 0);
  full.flag(0xff | kNewTrace | kCut | kHasLogs | kHasLinks).kind(7);
  CHECK(sent(full).flags == 0xff);
}

TEST_CASE("times are microseconds, cut off, and a duration is at least one") {
  const struct {
    std::int64_t start, end, start_us, duration_us;
  } cases[] = {
      {1'600'000'000'000'000'000, 1'600'000'000'001'000'000, 1'600'000'000'000'000, 1000},
      {1'600'000'000'000'000'999, 1'600'000'000'000'001'000, 1'600'000'000'000'000, 1},
      {5000, 5000, 5, 1},
      {5000, 5999, 5, 1},
      {5000, 4000, 5, 1},                 // the clock was set back meanwhile
      {9'000'000, 0, 9000, 1},
      {0, 3'600'000'000'000, 0, 3'600'000'000},
  };
  for (const auto& wanted : cases) {
    CAPTURE(wanted.start);
    CAPTURE(wanted.end);
    RecordBuilder span;
    span.wall(wanted.start, wanted.end);
    CHECK(sent(span).startTime == wanted.start_us);
    CHECK(sent(span).duration == wanted.duration_us);
  }
}

TEST_CASE("stamps in ticks are converted, and each stamp of a span may be of either clock") {
  RecordBuilder span, late;
  span.ticks(2'000'000, 6'000'000).log_at_ticks(4'000'000).text("event", "t");
  span.log_at_wall(fixture::kTickZero + 2'500'000).text("event", "w");
  const auto arrived = sent(span);
  CHECK(arrived.startTime == fixture::kTickZero / 1000 + 1000);
  CHECK(arrived.duration == 2000);
  CHECK(arrived.logs.at(0).timestamp == fixture::kTickZero / 1000 + 2000);
  CHECK(arrived.logs.at(1).timestamp == fixture::kTickZero / 1000 + 2500);

  late.ticks(0, 6'000'000).start_is_wall(fixture::kTickZero + 1'000'000);
  CHECK(sent(late).startTime == fixture::kTickZero / 1000 + 1000);
  CHECK(sent(late).duration == 2000);
}

TEST_CASE("logs keep their order, their times and their fields, empty ones included") {
  RecordBuilder span;
  span.log_at_wall(1'000).tags().log_at_wall(2'000).text("event", "e").integer("n", -1).boolean("b", false);
  span.floating("f", 0.5).binary("y", "z").unsigned_integer("u", kTop);
  span.tags().text("tag", "between").log_at_wall(3'000).text("event", "last").text("event", "again");
  const auto arrived = sent(span);
  REQUIRE(arrived.logs.size() == 3);
  CHECK(arrived.logs[0].timestamp == 1);
  CHECK(arrived.logs[0].fields.empty());
  CHECK(arrived.logs[1].timestamp == 2);
  CHECK(fixture::show(arrived.logs[1].fields) ==
        "event STRING \"e\", n LONG -1, b BOOL false, f DOUBLE 3fe0000000000000, y BINARY \"z\", "
        "u STRING \"9223372036854775808\"");
  CHECK(arrived.logs[2].timestamp == 3);
  CHECK(arrived.logs[2].fields.size() == 2);  // a log is a list: its fields are not tags
  CHECK(fixture::show(arrived.tags) == "tag STRING \"between\"");

  RecordBuilder none;
  CHECK_FALSE(sent(none).__isset.logs);
}

TEST_CASE("a span that was renamed has its last name") {
  RecordBuilder span("first");
  span.rename("second").text("a", "b").rename("third");
  CHECK(sent(span).operationName == "third");
  CHECK(sent_tags(span) == "a STRING \"b\"");
  RecordBuilder to_nothing("first");
  to_nothing.rename("");
  CHECK(sent(to_nothing).operationName == "");
  RecordBuilder unnamed("");
  CHECK(sent(unnamed).operationName == "");
}

TEST_CASE("of several tags with one key the last counts, also where their types differ") {
  RecordBuilder span;
  span.text("a", "1").text("b", "1").integer("a", 2).text("c", "1").boolean("a", true).text("b", "2");
  CHECK(sent_tags(span) == "a BOOL true, b STRING \"2\", c STRING \"1\"");
  RecordBuilder many;
  for (int i = 0; i < 1000; ++i) many.integer("same", i).integer("key" + std::to_string(i % 100), i);
  const auto tags = sent(many).tags;
  CHECK(tags.size() == 101);
  CHECK(fixture::show(tags.at(0)) == "same LONG 999");
  CHECK(fixture::show(tags.at(100)) == "key99 LONG 999");
}

TEST_CASE("a tag of the user's beats the one that the library would set under its key") {
  RecordBuilder kind;
  kind.kind(1).text("span.kind", "own");
  CHECK(sent_tags(kind) == "span.kind STRING \"own\"");
  RecordBuilder cut;
  cut.flag(kCut).text("jtrace.cut", "own");
  CHECK(sent_tags(cut) == "jtrace.cut STRING \"own\"");
  RecordBuilder sampler;
  sampler.flag(kNewTrace).text("sampler.type", "own").integer("sampler.param", 7);
  CHECK(sent_tags(sampler) == "sampler.type STRING \"own\", sampler.param LONG 7");
}

TEST_CASE("a user's own sampler tag replaces that one and leaves the other") {
  RecordBuilder param, type;
  CHECK(sent_tags(param.flag(kNewTrace).integer("sampler.param", 7)) == "sampler.type STRING \"const\", sampler.param LONG 7");
  CHECK(sent_tags(type.flag(kNewTrace).text("sampler.type", "own")) == "sampler.param BOOL true, sampler.type STRING \"own\"");
}

TEST_CASE("the first span of a new trace tells its sampler, and no other span does") {
  RecordBuilder root, child;
  root.flag(kNewTrace);
  CHECK(sent_tags(root, Sampler::constant(true)) == "sampler.type STRING \"const\", sampler.param BOOL true");
  CHECK(sent_tags(root, Sampler::constant(false)) == "sampler.type STRING \"const\", sampler.param BOOL false");
  CHECK(sent_tags(root, Sampler::probabilistic(0.5)) ==
        "sampler.type STRING \"probabilistic\", sampler.param DOUBLE 3fe0000000000000");
  CHECK(sent_tags(root.kind(2).text("a", "b")) ==
        "sampler.type STRING \"const\", sampler.param BOOL true, span.kind STRING \"server\", a STRING \"b\"");
  CHECK(sent_tags(child.parent(1)) == "");
}

TEST_CASE("a span that was cut says so") {
  RecordBuilder span;
  span.flag(kCut).text("a", "b");
  CHECK(sent_tags(span) == "jtrace.cut BOOL true, a STRING \"b\"");
}

TEST_CASE("the process is the service's name and its tags, if it has any") {
  BothWays bare("a service");
  const auto without = fixture::decode_exactly(bare.end());
  CHECK(without.process.serviceName == "a service");
  CHECK_FALSE(without.process.__isset.tags);

  BothWays tagged("", {{"hostname", "h"}, {"", ""}, {"ip", "::1"}});
  const auto with = fixture::decode_exactly(tagged.end());
  CHECK(with.process.serviceName == "");
  CHECK(fixture::show(with.process.tags) == "hostname STRING \"h\",  STRING \"\", ip STRING \"::1\"");

  const std::string long_name(10'000, 'n');
  BothWays wide(long_name, {{long_name, long_name}});
  CHECK((fixture::decode_exactly(wide.end()).process.tags.at(0).vStr == long_name));
}

TEST_CASE("a batch holds none, one or many spans, in order, and can be begun again") {
  BothWays encoder;
  CHECK(fixture::decode_exactly(encoder.end()).spans.empty());
  for (const int count : {1, 2, 5000, 3, 0}) {
    encoder.begin();
    RecordBuilder span("name");
    span.text("key", "value");
    for (int i = 0; i < count; ++i) {
      span.span(static_cast<std::uint64_t>(i) + 1);
      REQUIRE(encoder.append(span) == BothWays::Result::appended);
    }
    CHECK(encoder.batch.spans == static_cast<std::uint32_t>(count));
    const auto batch = fixture::decode_exactly(encoder.end());
    REQUIRE(batch.spans.size() == static_cast<std::size_t>(count));
    bool in_order = true;
    for (int i = 0; i < count; ++i) in_order = in_order && batch.spans[static_cast<std::size_t>(i)].spanId == i + 1;
    CHECK(in_order);
    CHECK_FALSE(batch.__isset.seqNo);
    CHECK_FALSE(batch.__isset.stats);
  }
}

TEST_CASE("a batch is full at the limit and not a byte before, and what did not fit leaves no trace") {
  RecordBuilder first("first"), second("second");
  BothWays measure;
  CHECK(measure.append(first) == BothWays::Result::appended);
  CHECK(measure.append(second) == BothWays::Result::appended);
  const std::string both(measure.end());

  BothWays fits("svc", {}, Sampler::constant(true), both.size());
  CHECK(fits.append(first) == BothWays::Result::appended);
  CHECK(fits.append(second) == BothWays::Result::appended);
  CHECK((fits.end() == both));

  BothWays narrow("svc", {}, Sampler::constant(true), both.size() - 1);
  CHECK(narrow.append(first) == BothWays::Result::appended);
  CHECK(narrow.append(second) == BothWays::Result::full);
  CHECK(narrow.batch.spans == 1);
  const auto batch = fixture::decode_exactly(narrow.end());
  REQUIRE(batch.spans.size() == 1);
  CHECK(batch.spans[0].operationName == "first");
}

TEST_CASE("a span that alone exceeds the limit is too large, and the next one still fits") {
  BothWays encoder("svc", {}, Sampler::constant(true), 2000);
  RecordBuilder large("large"), small("small");
  large.text("text", std::string(4000, 'x'));
  CHECK(encoder.append(large) == BothWays::Result::too_large);
  CHECK(encoder.append(small) == BothWays::Result::appended);
  CHECK(encoder.append(large) == BothWays::Result::full);  // only an empty batch can tell
  const auto batch = fixture::decode_exactly(encoder.end());
  REQUIRE(batch.spans.size() == 1);
  CHECK(batch.spans[0].operationName == "small");
}

TEST_CASE("the worst that a record may hold stays within the room made for it") {
  // Items whose bytes on the wire exceed those in the record most: empty ones, and texts that are invalid throughout.
  RecordBuilder empties, invalid(std::string(5000, '\xff')), mixed;
  for (int i = 0; i < 20'000; ++i) empties.boolean("", true).text("", "");
  empties.log_at_wall(1);
  for (int i = 0; i < 20'000; ++i) empties.boolean("", true).text("", "").unsigned_integer("", ~std::uint64_t{0});
  for (int i = 0; i < 1000; ++i) invalid.text(std::string(100, '\xc0'), std::string(100, '\xfe'));
  invalid.log_at_wall(1).text(std::string(50'000, '\x80'), std::string(50'000, '\x80'));
  for (int i = 0; i < 10'000; ++i) mixed.follows_from(1, 2, 3).log_at_wall(1);
  for (RecordBuilder* record : {&empties, &invalid, &mixed}) sent(*record);
  CHECK(sent(invalid).operationName.size() == 15'000);
}
