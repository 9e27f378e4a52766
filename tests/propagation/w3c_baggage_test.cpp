// W3C Baggage: what is read, what is left out, what is written.
#include "propagation/w3c_baggage.h"

#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

constexpr const char* kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Read read_baggage(std::initializer_list<std::string> values) {
  Headers headers{{"traceparent", kParent}};
  for (const std::string& value : values) headers.emplace_back("baggage", value);
  return read(w3c(), headers);
}

std::string parsed(const std::string& value) { return baggage(read_baggage({value}).context); }
std::uint32_t errors(const std::string& value) { return read_baggage({value}).losses.decoding_errors; }

// What goes on to the next service.
std::string written(const SpanContext& context) {
  for (const auto& [name, value] : write(w3c(), context)) {
    if (name == "baggage") return value;
  }
  return "none";
}

SpanContext with(std::initializer_list<BaggageItem> items) {
  return SpanContext({1, 2}, {3}, 1, Baggage::make({items.begin(), items.size()}, {}));
}

}  // namespace

TEST_CASE("members come apart at commas, without the blanks around keys and values") {
  CHECK(parsed("a=1") == "a=1;");
  CHECK(parsed("a=1,b=2") == "a=1;b=2;");
  CHECK(parsed(" a \t=\t 1 , b = 2\t") == "a=1;b=2;");
  CHECK(baggage(read_baggage({"a=1", "b=2"}).context) == "a=1;b=2;");
  CHECK(parsed("") == "");
  CHECK(parsed(",,a=1,") == "a=1;");
}

TEST_CASE("values are percent-encoded UTF-8, in which plus and equals sign are themselves") {
  CHECK(parsed("a=b+c") == "a=b+c;");
  CHECK(parsed("a=b=c") == "a=b=c;");
  CHECK(parsed("a=%20b%2Cc%25") == "a= b,c%;");
  CHECK(parsed("a=%C3%BC") == "a=\u00fc;");
  CHECK(parsed("a=") == "a=;");
  CHECK(parsed("a=%zz") == "a=%zz;");
}

TEST_CASE("what is no UTF-8 becomes the replacement character") {
  CHECK(parsed("a=x%FFy") == "a=x\ufffdy;");
  CHECK(parsed("a=%C3") == "a=\ufffd;");
}

TEST_CASE("a member that breaks a rule is left out and counted, and the others stay") {
  for (const std::string& member : {std::string("a"), std::string("=1"), std::string("a b=1"), std::string("a=b c"), std::string("a=\"b\""),
                                    std::string("a=b\\c"), std::string("a=\xc3\xbc"), std::string("\xc3\xbc=1"), std::string("a=b\x01"),
                                    std::string("a(=1"), std::string("a=1;"), std::string("a=1;b c"), std::string("a=1;p=\"q\"")}) {
    CAPTURE(member);
    CHECK(parsed("x=1," + member + ",y=2") == "x=1;y=2;");
    CHECK(errors("x=1," + member + ",y=2") == 1);
  }
}

TEST_CASE("keys keep their case") { CHECK(parsed("UserId=1,userid=2") == "UserId=1;userid=2;"); }

TEST_CASE("of a key that comes twice the last one counts") { CHECK(parsed("a=1,b=2,a=3") == "a=3;b=2;"); }

TEST_CASE("properties are no part of the value, and are passed on with it until it is set anew") {
  const Read got = read_baggage({"a=1 ; p = x ;q, b=2"});
  CHECK(baggage(got.context) == "a=1;b=2;");
  CHECK(written(got.context) == "a=1;p=x;q,b=2");
  const SpanContext changed(got.context.trace_id(), got.context.span_id(), 1, Baggage::with(got.context.baggage(), "a", "3"));
  CHECK(written(changed) == "a=3,b=2");
}

TEST_CASE("what is written is read again, whatever the value") {
  const std::string odd = "a b+c%d=e,f;g:h/\u00fc \u6d4b\u8bd5\t\"\\";
  const SpanContext out = with({{"odd", odd}, {"empty", ""}, {"Key", "v"}});
  for (const char c : written(out)) CHECK((c > ' ' && c < 0x7f));
  CHECK(parsed(written(out)) == "odd=" + odd + ";empty=;Key=v;");
}

TEST_CASE("a key that is no token has no place here, and is counted") {
  Losses losses;
  const Headers headers = write(w3c(), with({{"a b", "1"}, {"c", "2"}, {"", "3"}}), &losses);
  CHECK(headers.back() == std::pair<std::string, std::string>("baggage", "c=2"));
  CHECK(losses.baggage_dropped == 2);
}

TEST_CASE("64 members in 8,192 bytes are carried, what is over 8,192 is left out as whole members") {
  std::string members;
  for (int i = 0; i < 64; ++i) {
    const std::string head = (i ? ",key" : "key") + std::to_string(100 + i) + "=";
    members += head + std::string(128 - head.size(), 'v');
  }
  REQUIRE(members.size() == 8192);
  const Read got = read_baggage({members});
  CHECK(got.losses.baggage_dropped == 0);
  CHECK(written(got.context) == members);

  Losses losses;
  const SpanContext more(got.context.trace_id(), got.context.span_id(), 1, Baggage::with(got.context.baggage(), "more", "1"));
  CHECK(write(w3c(), more, &losses).back().second == members);
  CHECK(losses.baggage_dropped == 1);
}

TEST_CASE("one member of 8,192 bytes is carried") {
  const std::string member = "k=" + std::string(8190, 'v');
  CHECK(written(read_baggage({member}).context) == member);
}

TEST_CASE("baggage over a limit is dropped and counted") {
  Propagation how = w3c();
  how.limits = {.max_items = 2, .max_key_bytes = 3, .max_value_bytes = 4};
  const Read got = read(how, {{"traceparent", kParent}, {"baggage", "a=1234,long=1,b=12345,b=2,c=3,a=4"}});
  CHECK(baggage(got.context) == "a=4;b=2;");
  CHECK(got.losses.baggage_dropped == 3);
}
