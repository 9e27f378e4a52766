// Tags, logs, names and errors of a span: what arrives for each form in which a user may write them.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"

namespace {

using jtrace::Value;
using jtrace::testing::RecordedLog;
using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using Type = Value::Type;
using namespace std::chrono_literals;

enum Plain { kNone, kSeven = 7 };
enum PlainSmall : signed char { kMinusOne = -1 };
struct Convertible {
  operator std::string_view() const { return "converted"; }
};
struct ThrowingConversion {
  operator std::string_view() const { throw std::length_error("no text today"); }
};

// A span that lives for one block and is looked at afterwards.
class OneSpan {
 public:
  jtrace::Span& operator*() { return span_; }
  jtrace::Span* operator->() { return &span_; }
  const RecordedSpan& finished() {
    span_.finish();
    return recorder_.span("it");
  }

 private:
  Recorder recorder_;
  jtrace::Span span_ = jtrace::start_span("it");
};

template <class T>
bool arrives_as(const T& given, const Value& wanted) {
  OneSpan it;
  it->set_tag("k", given);
  const bool tag = it.finished().has_tag("k", wanted);

  OneSpan logged;
  logged->log({{"k", given}});
  const RecordedSpan& span = logged.finished();
  const Value* field = span.logs.size() == 1 ? span.logs[0].field("k") : nullptr;
  return tag && field && *field == wanted;
}

template <class T>
bool arrives_as_nothing(const T& given) {
  OneSpan it;
  it->set_tag("before", 1).set_tag("k", given).set_tag("after", 2);
  const RecordedSpan& span = it.finished();
  return !span.tag("k") && span.has_tag("before", 1) && span.has_tag("after", 2);
}

const RecordedLog* error_log(const RecordedSpan& span) {
  for (const RecordedLog& log : span.logs) {
    const Value* event = log.field("event");
    if (event && *event == Value("error")) return &log;
  }
  return nullptr;
}

std::string field_text(const RecordedLog* log, std::string_view key) {
  const Value* value = log ? log->field(key) : nullptr;
  return value ? std::string(value->as_text()) : std::string("(none)");
}

}  // namespace

TEST_CASE("both bools arrive as BOOL") {
  CHECK(arrives_as(true, true));
  CHECK(arrives_as(false, false));
  CHECK(Value(true).type() == Type::boolean);
}

TEST_CASE("every integer type arrives as LONG with its value") {
  CHECK(arrives_as(0, 0));
  CHECK(arrives_as(-1, -1));
  CHECK(arrives_as(1u, 1));
  CHECK(arrives_as(std::int8_t{-128}, -128));
  CHECK(arrives_as(std::uint8_t{200}, 200));
  CHECK(arrives_as(short{-3}, -3));
  CHECK(arrives_as(static_cast<unsigned short>(65535), 65535));
  CHECK(arrives_as(1L, 1));
  CHECK(arrives_as(1UL, 1));
  CHECK(arrives_as(1LL, 1));
  CHECK(arrives_as(sizeof(int), 4));
  CHECK(arrives_as(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min()));
  CHECK(arrives_as(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()));
  CHECK(arrives_as(std::uint64_t{1} << 62, std::int64_t{1} << 62));
  CHECK(Value(std::uint8_t{200}).type() == Type::integer);
}

TEST_CASE("an unsigned integer keeps its value above the largest signed one") {
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  CHECK(arrives_as(largest, std::numeric_limits<std::int64_t>::max()));
  CHECK(arrives_as(largest + 1, largest + 1));
  CHECK(arrives_as(std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max()));

  OneSpan it;
  it->set_tag("k", std::numeric_limits<std::uint64_t>::max());
  const Value* value = it.finished().tag("k");
  REQUIRE(value);
  CHECK(value->type() == Type::unsigned_integer);
  CHECK(value->as_unsigned() == 18446744073709551615u);
}

TEST_CASE("plain enums and bit fields arrive as LONG") {
  CHECK(arrives_as(kSeven, 7));
  CHECK(arrives_as(kNone, 0));
  CHECK(arrives_as(kMinusOne, -1));
  struct {
    unsigned three : 3;
  } bits{5};
  OneSpan it;
  it->set_tag("k", bits.three);
  CHECK(it.finished().has_tag("k", 5));
}

TEST_CASE("every floating type arrives as DOUBLE, also what is not a number") {
  CHECK(arrives_as(0.1, 0.1));
  CHECK(arrives_as(0.5f, 0.5));
  CHECK(arrives_as(0.5L, 0.5));
  CHECK(arrives_as(-0.0, -0.0));
  CHECK(arrives_as(std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()));
  CHECK(arrives_as(std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::denorm_min()));

  OneSpan it;
  it->set_tag("k", std::numeric_limits<double>::quiet_NaN());
  const Value* value = it.finished().tag("k");
  REQUIRE(value);
  CHECK(value->type() == Type::floating);
  CHECK(std::isnan(value->as_double()));
}

TEST_CASE("text arrives as STRING, however it is held") {
  const std::string string = "standard";
  const char* pointer = "pointed";
  char array[16] = "array";
  char* changeable = array;
  CHECK(arrives_as("literal", "literal"));
  CHECK(arrives_as(string, "standard"));
  CHECK(arrives_as(std::string_view(string).substr(0, 5), "stand"));
  CHECK(arrives_as(pointer, "pointed"));
  CHECK(arrives_as(array, "array"));
  CHECK(arrives_as(changeable, "array"));
  CHECK(arrives_as(string + "!", "standard!"));
  CHECK(arrives_as(Convertible{}, "converted"));
  CHECK(arrives_as("", ""));
  CHECK(arrives_as("测试应用名称", "测试应用名称"));
  CHECK(arrives_as(std::string(100'000, 'x').substr(0, 1'000), std::string(1'000, 'x')));
}

TEST_CASE("text keeps a zero byte that its length covers") {
  using namespace std::string_view_literals;
  CHECK(arrives_as("a\0b"sv, "a\0b"sv));
  OneSpan it;
  it->set_tag("k", "a\0b"sv);
  CHECK(it.finished().tag("k")->as_text().size() == 3);
}

TEST_CASE("bytes arrive as BINARY, unchanged") {
  const std::array<unsigned char, 5> raw = {0x00, 0xff, 0xc3, 0x28, 0x00};
  OneSpan it;
  it->set_tag("k", jtrace::bytes(raw.data(), raw.size())).set_tag("none", jtrace::bytes(nullptr, 0));
  const RecordedSpan& span = it.finished();
  REQUIRE(span.tag("k"));
  CHECK(span.tag("k")->type() == Type::binary);
  CHECK(span.tag("k")->as_text() == std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()));
  REQUIRE(span.tag("none"));
  CHECK(span.tag("none")->type() == Type::binary);
  CHECK(span.tag("none")->as_text().empty());
}

TEST_CASE("bytes are also a range of std::byte in one piece: an array, a vector, a view") {
  const std::byte array[] = {std::byte{0}, std::byte{0xff}};
  const std::array<std::byte, 2> same = {array[0], array[1]};
  const std::vector<std::byte> vector(array, array + 2);
  OneSpan it;
  it->set_tag("C's array", jtrace::bytes(array)).set_tag("array", jtrace::bytes(same)).set_tag("vector", jtrace::bytes(vector));
  it->set_tag("view", jtrace::bytes(std::span(array))).set_tag("temporary", jtrace::bytes(std::vector<std::byte>(vector)));
  const RecordedSpan& span = it.finished();
  for (const char* key : {"C's array", "array", "vector", "view", "temporary"}) {
    CAPTURE(key);
    REQUIRE(span.tag(key));
    CHECK(span.tag(key)->type() == Type::binary);
    CHECK(span.tag(key)->as_text() == std::string_view("\0\xff", 2));
  }
}

TEST_CASE("an optional arrives as what it holds, an empty one as no tag at all") {
  CHECK(arrives_as(std::optional<int>(3), 3));
  CHECK(arrives_as(std::optional<bool>(false), false));
  CHECK(arrives_as(std::optional<std::string>("held"), "held"));
  CHECK(arrives_as_nothing(std::optional<int>()));
  CHECK(arrives_as_nothing(std::optional<std::string>()));
}

TEST_CASE("a null char pointer is no tag at all, and an empty key or name") {
  const char* nothing = nullptr;
  char* nothing_to_change = nullptr;
  CHECK(arrives_as_nothing(nothing));
  CHECK(arrives_as_nothing(nothing_to_change));
  CHECK(arrives_as_nothing(std::getenv("JTRACE_TEST_SURELY_NOT_SET")));

  Recorder recorder;
  {
    auto span = jtrace::start_span(nothing);
    span.set_tag(nothing, 1).log(nothing).set_operation_name(nothing);
  }
  CHECK(recorder.span("").has_tag("", 1));
}

TEST_CASE("values are copied at the call, so the caller's own may change or go") {
  OneSpan it;
  {
    std::string key = "key", value = "value";
    std::vector<jtrace::Field> fields{{key, value}};
    it->set_tag(key, value).log(jtrace::Fields(fields));
    key.assign(3, '#');
    value.assign(5, '#');
  }
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("key", "value"));
  REQUIRE(span.logs.size() == 1);
  CHECK(field_text(&span.logs[0], "key") == "value");
}

TEST_CASE("the last tag of a key wins, whatever its type, at the place of the first") {
  OneSpan it;
  it->set_tag("a", 1).set_tag("b", "x").set_tag("a", "now a text").set_tag("c", true).set_tag("b", 2.5);
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("a", "now a text"));
  CHECK(span.has_tag("b", 2.5));
  std::string order;
  for (const auto& [key, value] : span.tags) {
    if (key == "a" || key == "b" || key == "c") order += key;
  }
  CHECK(order == "abc");
}

TEST_CASE("keys may be empty, long, and any UTF-8") {
  const std::string long_key(3000, 'k');
  OneSpan it;
  it->set_tag("", "empty").set_tag(long_key, 1).set_tag("ключ", 2).set_tag(std::string("a") + "b", 3);
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("", "empty"));
  CHECK(span.has_tag(long_key, 1));
  CHECK(span.has_tag("ключ", 2));
  CHECK(span.has_tag("ab", 3));
}

TEST_CASE("a span holds hundreds of tags and logs, complete and in order") {
  OneSpan it;
  for (int i = 0; i < 400; ++i) {
    it->set_tag("tag " + std::to_string(i), i);
    it->log({{"n", i}, {"text", std::to_string(i)}});
  }
  const RecordedSpan& span = it.finished();
  CHECK_FALSE(span.cut);
  REQUIRE(span.logs.size() == 400);
  int right = 0;
  for (int i = 0; i < 400; ++i) {
    const Value* number = span.logs[static_cast<std::size_t>(i)].field("n");
    right += span.has_tag("tag " + std::to_string(i), i) && number && *number == Value(i);
  }
  CHECK(right == 400);
}

TEST_CASE(
    "a span that is far too large keeps its name, its place in the trace and what was said first, and is "
    "marked as cut") {
  Recorder recorder;
  jtrace::SpanId parent;
  {
    auto outer = jtrace::start_active_span("outer");
    parent = outer->context().span_id();
    auto big = jtrace::start_active_span("big");
    big->set_tag("first", 1);
    for (int i = 0; i < 300; ++i) big->set_tag("tag " + std::to_string(i), std::string(1000, 'x'));
    big->set_tag("huge", std::string(1 << 20, 'y'));
  }
  CHECK(recorder.span("big").cut);
  CHECK(recorder.span("big").parent == parent);
  CHECK(recorder.span("big").has_tag("first", 1));
  CHECK_FALSE(recorder.span("outer").cut);
}

TEST_CASE("an error mark is never lost to the size limit") {
  Recorder recorder;
  {
    auto big = jtrace::start_span("big");
    for (int i = 0; i < 300; ++i) big.set_tag("tag " + std::to_string(i), std::string(1000, 'x'));
    big.set_error("disk full");
  }
  CHECK(recorder.span("big").is_error());
}

TEST_CASE("a lazy tag is made once if the span records, and may give any value or none") {
  OneSpan it;
  int calls = 0;
  std::string prefix = "made ";
  it->set_tag("text", [&] {
      ++calls;
      return prefix + "late";
    }).set_tag("number", [] { return 7; });
  it->set_tag("none", [] { return std::optional<int>(); });
  const RecordedSpan& span = it.finished();
  CHECK(calls == 1);
  CHECK(span.has_tag("text", "made late"));
  CHECK(span.has_tag("number", 7));
  CHECK_FALSE(span.tag("none"));
}

TEST_CASE("a lazy tag is not made for a span that does not record") {
  int calls = 0;
  const auto make = [&] { return ++calls; };

  Recorder recorder;
  auto moved_away = jtrace::start_span("moved");
  auto holder = std::move(moved_away);
  moved_away.set_tag("k", make);  // NOLINT: that is the point
  holder.finish();
  holder.set_tag("k", make);
  jtrace::Span inert;
  inert.set_tag("k", make);
  recorder.sample(false);
  auto unsampled = jtrace::start_span("unsampled");
  unsampled.set_tag("k", make);
  auto active = jtrace::start_active_span("unsampled too");
  jtrace::active_span().set_tag("k", make);
  jtrace::Tracer().start_span("off").context();
  CHECK(calls == 0);
}

TEST_CASE("what a user's conversion throws reaches the caller, and the span stays usable") {
  OneSpan it;
  it->set_tag("before", 1);
  CHECK_THROWS_AS(it->set_tag("k", ThrowingConversion{}), std::length_error);
  CHECK_THROWS_AS(it->set_tag(ThrowingConversion{}, 1), std::length_error);
  CHECK_THROWS_AS(it->log({{"k", ThrowingConversion{}}}), std::length_error);
  CHECK_THROWS_AS(it->set_operation_name(ThrowingConversion{}), std::length_error);
  it->set_tag("after", 2);
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("before", 1));
  CHECK(span.has_tag("after", 2));
  CHECK_FALSE(span.tag("k"));
  CHECK(span.logs.empty());
  CHECK_FALSE(span.is_error());
}

TEST_CASE("what a lazy tag throws reaches the caller, and the span stays usable") {
  OneSpan it;
  CHECK_THROWS_AS(it->set_tag("k", []() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  it->set_tag("after", 2);
  const RecordedSpan& span = it.finished();
  CHECK_FALSE(span.tag("k"));
  CHECK(span.has_tag("after", 2));
}

TEST_CASE("a name whose conversion throws starts no span") {
  Recorder recorder;
  CHECK_THROWS_AS((void)jtrace::start_active_span(ThrowingConversion{}), std::length_error);
  CHECK_FALSE(jtrace::active_span());
  CHECK(recorder.spans().empty());
}

TEST_CASE("tags may be chained on a temporary, and given at the start") {
  Recorder recorder;
  auto chained = jtrace::start_span("chained").set_tag("a", 1).set_tag("b", "x");
  CHECK(chained.is_recording());
  chained.finish();
  const std::string url = "/orders/7";
  auto started =
      jtrace::start_span("started", {.tags = {{"http.method", "GET"}, {"http.url", url}, {"n", 1}}});
  started.finish();
  CHECK(recorder.span("chained").has_tag("a", 1));
  CHECK(recorder.span("chained").has_tag("b", "x"));
  CHECK(recorder.span("started").has_tag("http.method", "GET"));
  CHECK(recorder.span("started").has_tag("http.url", "/orders/7"));
  CHECK(recorder.span("started").has_tag("n", 1));
}

TEST_CASE("a kind becomes the tag span.kind, and none becomes no tag") {
  Recorder recorder;
  using jtrace::Kind;
  jtrace::start_span("client", {.kind = Kind::client}).finish();
  jtrace::start_span("server", {.kind = Kind::server}).finish();
  jtrace::start_span("producer", {.kind = Kind::producer}).finish();
  jtrace::start_span("consumer", {.kind = Kind::consumer}).finish();
  jtrace::start_span("internal", {.kind = Kind::internal}).finish();
  jtrace::start_span("none", {.kind = Kind::none}).finish();
  for (const char* kind : {"client", "server", "producer", "consumer", "internal"}) {
    CHECK(recorder.span(kind).has_tag("span.kind", kind));
  }
  CHECK_FALSE(recorder.span("none").tag("span.kind"));
}

TEST_CASE("a log holds its fields in order, from braces, an array, a vector, or an event with fields") {
  OneSpan it;
  it->log({{"event", "sent"}, {"bytes", 512}});
  it->log({{"only", "one"}});
  it->log("event only");
  it->log("with fields", {{"n", 1}, {"ok", true}});
  std::vector<jtrace::Field> vector;
  vector.push_back({"a", 1});
  vector.push_back({"b", "two"});
  it->log(jtrace::Fields(vector));
  jtrace::Field array[] = {{"x", 1.5}, {"y", false}, {"z", jtrace::bytes("zz", 2)}};
  it->log(jtrace::Fields(array));
  const RecordedSpan& span = it.finished();

  REQUIRE(span.logs.size() == 6);
  REQUIRE(span.logs[0].fields.size() == 2);
  CHECK(span.logs[0].fields[0].first == "event");
  CHECK(span.logs[0].fields[0].second == Value("sent"));
  CHECK(span.logs[0].fields[1].second == Value(512));
  CHECK(span.logs[1].fields.size() == 1);
  REQUIRE(span.logs[2].fields.size() == 1);
  CHECK(field_text(&span.logs[2], "event") == "event only");
  REQUIRE(span.logs[3].fields.size() == 3);
  CHECK(span.logs[3].fields[0].first == "event");
  CHECK(*span.logs[3].field("n") == Value(1));
  CHECK(*span.logs[3].field("ok") == Value(true));
  CHECK(field_text(&span.logs[4], "b") == "two");
  CHECK(*span.logs[5].field("x") == Value(1.5));
  CHECK(span.logs[5].field("z")->type() == Type::binary);
}

TEST_CASE("an empty field of a log is left out, its neighbours stay") {
  OneSpan it;
  it->log({{"a", 1}, {"none", std::optional<int>()}, {"null", static_cast<const char*>(nullptr)}, {"b", 2}});
  const RecordedSpan& span = it.finished();
  REQUIRE(span.logs.size() == 1);
  CHECK_FALSE(span.logs[0].field("none"));
  CHECK_FALSE(span.logs[0].field("null"));
  CHECK(*span.logs[0].field("a") == Value(1));
  CHECK(*span.logs[0].field("b") == Value(2));
}

TEST_CASE("a log carries the time it is given, or that of the call") {
  const auto given = jtrace::Timestamp(1'600'000'000'123'456us);
  OneSpan it;
  it->log({{"event", "then"}}, given).log("then too", {}, given);
  const auto before = std::chrono::system_clock::now();
  it->log("now");
  const auto after = std::chrono::system_clock::now();
  const RecordedSpan& span = it.finished();
  REQUIRE(span.logs.size() == 3);
  CHECK((span.logs[0].time == given));
  CHECK((span.logs[1].time == given));
  CHECK((span.logs[2].time >= before - 1ms));
  CHECK((span.logs[2].time <= after + 1ms));
}

TEST_CASE("a span can be renamed, by any UTF-8, and the last name counts") {
  Recorder recorder;
  auto span = jtrace::start_span("first");
  span.set_operation_name("second").set_operation_name("测试应用名称 🙂");
  span.finish();
  auto long_name = jtrace::start_span(std::string(2000, 'n'));
  long_name.finish();
  REQUIRE(recorder.spans().size() == 2);
  CHECK(recorder.spans()[0].name == "测试应用名称 🙂");
  CHECK(recorder.spans()[1].name == std::string(2000, 'n'));
}

TEST_CASE("set_error marks with the boolean tag, and logs the message if there is one") {
  OneSpan it;
  it->set_error("sold out");
  const RecordedSpan& span = it.finished();
  CHECK(span.is_error());
  CHECK(span.has_tag("error", true));
  CHECK(field_text(error_log(span), "message") == "sold out");

  OneSpan silent;
  silent->set_error();
  CHECK(silent.finished().has_tag("error", true));
}

TEST_CASE("set_error takes an exception and logs its message and its type") {
  OneSpan it;
  it->set_error(std::out_of_range("no such row"));
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("error", true));
  CHECK(field_text(error_log(span), "message") == "no such row");
  CHECK(field_text(error_log(span), "error.kind") == "std::out_of_range");
}

TEST_CASE("set_error takes an exception pointer to anything, and a null one is harmless") {
  OneSpan it;
  it->set_error(std::make_exception_ptr(std::runtime_error("gone")));
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("error", true));
  CHECK(field_text(error_log(span), "message") == "gone");
  CHECK(field_text(error_log(span), "error.kind") == "std::runtime_error");

  OneSpan number;
  number->set_error(std::make_exception_ptr(42));
  CHECK(number.finished().has_tag("error", true));

  OneSpan none;
  none->set_error(std::exception_ptr()).set_tag("after", 1);
  CHECK(none.finished().has_tag("after", 1));
}

TEST_CASE("set_error takes an error code and logs its message") {
  OneSpan it;
  const auto code = std::make_error_code(std::errc::timed_out);
  it->set_error(code);
  const RecordedSpan& span = it.finished();
  CHECK(span.has_tag("error", true));
  CHECK(field_text(error_log(span), "message") == code.message());
}

TEST_CASE("an error that was set by hand can be taken back by a later tag") {
  OneSpan it;
  it->set_error("not so bad").set_tag("error", false);
  const RecordedSpan& span = it.finished();
  CHECK_FALSE(span.is_error());
  CHECK(span.has_tag("error", false));
}

TEST_CASE("baggage that is set is also a log of the span") {
  OneSpan it;
  it->set_baggage_item("user", "alice");
  const RecordedSpan& span = it.finished();
  REQUIRE(span.logs.size() == 1);
  CHECK(field_text(&span.logs[0], "event") == "baggage");
  CHECK(field_text(&span.logs[0], "key") == "user");
  CHECK(field_text(&span.logs[0], "value") == "alice");
}

TEST_CASE("start and finish carry the times they are given") {
  Recorder recorder;
  const auto start = jtrace::Timestamp(1'600'000'000'000'000us);
  auto span = jtrace::start_span("given", {.start_time = start});
  span.finish(start + 1500us);
  CHECK((recorder.span("given").start == start));
  CHECK((recorder.span("given").duration == 1500us));
}

TEST_CASE("a finish before the start gives the shortest duration") {
  Recorder recorder;
  const auto start = jtrace::Timestamp(1'600'000'000'000'000us);
  jtrace::start_span("backwards", {.start_time = start}).finish(start - 5s);
  jtrace::start_span("at once", {.start_time = start}).finish(start);
  jtrace::start_span("quick").finish();
  CHECK((recorder.span("backwards").start == start));
  CHECK((recorder.span("backwards").duration == 1us));
  CHECK((recorder.span("at once").duration == 1us));
  CHECK((recorder.span("quick").duration >= 1us));
}

TEST_CASE("a span that started in the past and finishes now lasts until now") {
  Recorder recorder;
  const auto before = std::chrono::system_clock::now();
  jtrace::start_span("long", {.start_time = std::chrono::system_clock::now() - 1h}).finish();
  const auto took = std::chrono::system_clock::now() - before;
  CHECK((recorder.span("long").duration >= 1h - 1ms));
  CHECK((recorder.span("long").duration <= 1h + took + 1ms));
}

TEST_CASE("a span's own clock agrees with the system's") {
  Recorder recorder;
  for (int i = 0; i < 100; ++i) {
    const auto before = std::chrono::system_clock::now();
    auto span = jtrace::start_span("now");
    span.finish();
    const auto after = std::chrono::system_clock::now();
    recorder.spans();
    const RecordedSpan& last = recorder.spans().back();
    CHECK((last.start >= before - 10us));
    CHECK((last.start + last.duration <= after + 11us));
  }
}

TEST_CASE("no child starts before its parent, nor ends after a parent that ends later") {
  Recorder recorder;
  for (int i = 0; i < 2000; ++i) {
    auto parent = jtrace::start_active_span("parent");
    auto child = jtrace::start_active_span("child");
  }
  const auto& spans = recorder.spans();
  REQUIRE(spans.size() == 4000);
  int wrong = 0;
  for (std::size_t i = 0; i < spans.size(); i += 2) {
    const RecordedSpan &child = spans[i], &parent = spans[i + 1];
    wrong += child.parent != parent.context.span_id();
    wrong += child.start < parent.start;
    wrong +=
        child.start + child.duration > parent.start + parent.duration + 1us;  // the shortest duration is 1 µs
  }
  CHECK(wrong == 0);
}
