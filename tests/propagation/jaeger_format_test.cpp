// Jaeger's headers: the context as text and back, what other clients write, hostile values, and baggage.
#include "propagation/jaeger_format.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/baggage.h"
#include "jtrace/propagation.h"
#include "record/seed.h"

namespace {

using jtrace::SpanContext;
using jtrace::SpanId;
using jtrace::TraceId;
using namespace jtrace::detail;

constexpr std::uint64_t kTop = 0x8000000000000000;

SpanContext context(std::uint64_t high, std::uint64_t low, std::uint64_t span, std::uint32_t flags) {
  return SpanContext(TraceId{high, low}, SpanId{span}, flags, nullptr);
}

// "high low span flags" in hex, or "none".
std::string parsed(std::string_view text) {
  const auto context = parse_trace_header(text);
  if (!context) return "none";
  char shown[80];
  std::snprintf(shown, sizeof shown, "%llx %llx %llx %x", static_cast<unsigned long long>(context->trace_id().high),
                static_cast<unsigned long long>(context->trace_id().low),
                static_cast<unsigned long long>(context->span_id().value), context->flags());
  return shown;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string baggage(const SpanContext& context) {
  std::string shown;
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    shown += std::string(key) + "=" + std::string(value) + ";";
  });
  return shown;
}

}  // namespace

TEST_CASE("a context is written with padded ids, without a parent, in 16 or 32 digits") {
  CHECK(format_trace_header(context(0, 0xab, 0xcd, 1)) == "00000000000000ab:00000000000000cd:0:1");
  CHECK(format_trace_header(context(1, 0xab, 0xcd, 0)) == "000000000000000100000000000000ab:00000000000000cd:0:0");
  CHECK(format_trace_header(context(kTop, ~0ull, kTop, 3)) == "8000000000000000ffffffffffffffff:8000000000000000:0:3");
  CHECK(format_trace_header(context(7, 0, 1, 1)) == "00000000000000070000000000000000:0000000000000001:0:1");
}

TEST_CASE("flags are one digit that reads the same in decimal and in hex, whatever came in") {
  for (std::uint32_t flags = 0; flags < 256; ++flags) {
    CAPTURE(flags);
    const std::string text = format_trace_header(context(0, 1, 1, flags));
    const std::string digit = text.substr(text.rfind(':') + 1);
    REQUIRE(digit.size() == 1);
    CHECK(digit[0] >= '0');
    CHECK(digit[0] <= '9');  // Go's client reads decimal, and refuses the whole header otherwise
    CHECK(((digit[0] - '0') & 3) == static_cast<int>(flags & 3));
  }
}

TEST_CASE("what other clients write is read") {
  const struct {
    const char *given, *means;
  } cases[] = {
      {"00000000000000ab:00000000000000cd:0:1", "0 ab cd 1"},
      {"ab:cd:0:1", "0 ab cd 1"},  // without leading zeros
      {"AB:CD:EF:1", "0 ab cd 1"},
      {"000000000000000100000000000000ab:00000000000000cd:00000000000000ef:0", "1 ab cd 0"},
      {"100000000000000ab:cd:0:1", "1 ab cd 1"},  // 17 digits
      {"ffffffffffffffffffffffffffffffff:ffffffffffffffff:ffffffffffffffff:ff", "ffffffffffffffff ffffffffffffffff ffffffffffffffff ff"},
      {"1:2:3:01", "0 1 2 1"},
      {"1:2:3:3", "0 1 2 3"},
      {"10000000000000000:2:0:1", "1 0 2 1"},  // only the high half
      {"1%3A2%3A0%3A1", "0 1 2 1"},            // percent-encoded, as old clients did
      {"1%3a2%3a0%3a1", "0 1 2 1"},
      {"%31:2:0:1", "0 1 2 1"},
      {" 1:2:0:1\t", "0 1 2 1"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.given));
    CHECK(parsed(wanted.given) == wanted.means);
  }
}

TEST_CASE("a header that is broken or hostile is no context") {
  const std::string zeros(300, '0');
  for (const std::string& given :
       {std::string(), std::string(" "), std::string(":::"), std::string("1:2:0"), std::string("1:2:0:1:"), std::string("1:2:0:1:1"),
        std::string("0:2:0:1"), std::string("1:0:0:1"), std::string("00000000000000000000000000000000:1:0:1"), std::string(":2:0:1"),
        std::string("1::0:1"), std::string("1:2::1"), std::string("1:2:0:"), std::string("g:2:0:1"), std::string("1:x:0:1"),
        std::string("1:2:y:1"), std::string("1:2:0:z"), std::string("1:2:0:001"), std::string("0x1:2:0:1"), std::string("-1:2:0:1"),
        std::string("+1:2:0:1"), std::string("1:2:0:-1"), std::string("1 :2:0:1"), std::string("1: 2:0:1"),
        std::string("100000000000000000000000000000000:2:0:1"),  // 33 digits
        std::string("1:10000000000000000:0:1"), std::string("1:2:10000000000000000:1"), std::string("1:2:0:1\0", 8),
        std::string("1:2\0:0:1", 8), std::string("1:2:0:1,3:4:0:1"), std::string("1%2:2:0:1"), std::string("1%:2:0:1"), std::string("%"),
        std::string("%%%"), std::string("1%253A2%253A0%253A1"), std::string("\xff\xfe:2:0:1"), zeros, zeros + "1:2:0:1",
        std::string(1'000'000, ':'), std::string(100'000, '%')}) {
    CAPTURE(given.substr(0, 80));
    CHECK(parsed(given) == "none");
  }
}

TEST_CASE("a context survives its header") {
  std::mt19937_64 random(fixture::announced_seed());
  for (int i = 0; i < 10'000; ++i) {
    const SpanContext before = context(random() % 2 ? random() : 0, random() | 1, random() | 1, static_cast<std::uint32_t>(random() % 4));
    const auto after = parse_trace_header(format_trace_header(before));
    REQUIRE(after.has_value());
    REQUIRE(*after == before);
    REQUIRE(after->flags() == before.flags());
  }
}

TEST_CASE("a header changed at random is read or refused, and never more") {
  std::mt19937_64 random(fixture::announced_seed());
  int read = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = format_trace_header(context(random(), random(), random(), 1));
    for (std::uint64_t more = random() % 3; more != 0; --more) {
      switch (random() % 3) {
        case 0: text[random() % text.size()] = static_cast<char>(random()); break;
        case 1: text.erase(random() % text.size(), 1); break;
        default: text.insert(random() % text.size(), 1, "0:%aF"[random() % 5]); break;
      }
    }
    const auto context = parse_trace_header(text);
    read += context.has_value();
    if (context) REQUIRE(context->is_valid());
  }
  CHECK(read > 0);
}

TEST_CASE("baggage is percent-encoded but for what every client leaves alone") {
  CHECK(encode_baggage("") == "");
  CHECK(encode_baggage("aZ09-_.~") == "aZ09-_.~");
  CHECK(encode_baggage("a b") == "a%20b");
  CHECK(encode_baggage("a+b") == "a%2Bb");
  CHECK(encode_baggage("100%") == "100%25");
  CHECK(encode_baggage("é") == "%C3%A9");
  CHECK(encode_baggage("测试") == "%E6%B5%8B%E8%AF%95");
  CHECK(encode_baggage(std::string_view("\0\x01\xff\r\n", 5)) == "%00%01%FF%0D%0A");
  CHECK(encode_baggage("a=b;c,d/e:f") == "a%3Db%3Bc%2Cd%2Fe%3Af");
}

TEST_CASE("baggage is read as every client writes it, a plus as the blank that it is for Go and Java") {
  CHECK(decode_baggage("a%20b") == "a b");
  CHECK(decode_baggage("a+b") == "a b");
  CHECK(decode_baggage("a%2Bb") == "a+b");
  CHECK(decode_baggage("%c3%a9") == "é");
  CHECK(decode_baggage("a b") == "a b");
  CHECK(decode_baggage("100%") == "100%");  // what is no code stays
  CHECK(decode_baggage("%") == "%");
  CHECK(decode_baggage("%4") == "%4");
  CHECK(decode_baggage("%zz") == "%zz");
  CHECK(decode_baggage("%%41") == "%A");
  CHECK(decode_baggage("%41") == "A");
  CHECK(decode_baggage("%00") == std::string(1, '\0'));
}

TEST_CASE("any bytes survive as baggage, in a header of plain ASCII") {
  std::mt19937_64 random(fixture::announced_seed());
  for (int i = 0; i < 2000; ++i) {
    std::string value;
    for (std::uint64_t left = random() % 50; left != 0; --left) value += static_cast<char>(random());
    const std::string header = encode_baggage(value);
    REQUIRE(decode_baggage(header) == value);
    for (const char c : header) {
      REQUIRE(c > 0x20);
      REQUIRE(c < 0x7f);
    }
  }
}

TEST_CASE("header names are compared without case") {
  CHECK(same_header("uber-trace-id", "uber-trace-id"));
  CHECK(same_header("Uber-Trace-Id", "uber-trace-id"));
  CHECK(same_header("UBER-TRACE-ID", "uber-trace-id"));
  CHECK_FALSE(same_header("uber-trace-i", "uber-trace-id"));
  CHECK_FALSE(same_header("uber-trace-id ", "uber-trace-id"));
  CHECK_FALSE(same_header("", "uber-trace-id"));
}

TEST_CASE("a context and its baggage go through a carrier, keys in lower case") {
  const Baggage* items = Baggage::with(nullptr, "user", "J\u00fcrgen + 1%");
  const Baggage* more = Baggage::with(items, "empty", "");
  items->release();
  const SpanContext out(TraceId{1, 2}, SpanId{3}, 1, more);
  std::map<std::string, std::string> headers;
  jtrace::inject(out, headers);
  CHECK(headers["uber-trace-id"] == "00000000000000010000000000000002:0000000000000003:0:1");
  CHECK(headers["uberctx-user"] == "J%C3%BCrgen%20%2B%201%25");
  CHECK(headers.size() == 5);  // the W3C's two, too

  const SpanContext in = jtrace::extract(headers);
  CHECK(in == out);
  CHECK(in.is_sampled());
  CHECK(in.baggage_item("user") == "J\u00fcrgen + 1%");
  CHECK(in.has_baggage());

  const SpanContext shouted = jtrace::extract(Headers{{"UBER-TRACE-ID", "1:2:0:1"}, {"UberCtx-User-Id", "a"}});
  CHECK(shouted.span_id().value == 2);
  CHECK(baggage(shouted) == "user-id=a;");
}

TEST_CASE("of several headers the first good trace id and the last of each baggage item count") {
  const SpanContext found = jtrace::extract(Headers{{"other", "1:9:0:1"},
                                                    {"uber-trace-id", "broken"},
                                                    {"uber-trace-id", "1:2:0:1"},
                                                    {"uber-trace-id", "1:3:0:1"},
                                                    {"uberctx-a", "1"},
                                                    {"uberctx-", "no key"},
                                                    {"uberctx-a", "2"}});
  CHECK(found.span_id().value == 2);
  CHECK(baggage(found) == "a=2;");
  CHECK_FALSE(jtrace::extract(Headers{}).is_valid());
}

TEST_CASE("baggage without a trace is kept, and the trace begins anew") {
  const SpanContext found = jtrace::extract(Headers{{"uberctx-a", "1"}, {"uber-trace-id", "0:0:0:0"}});
  CHECK_FALSE(found.is_valid());
  CHECK(baggage(found) == "a=1;");
}

TEST_CASE("a context that is none injects nothing") {
  std::map<std::string, std::string> headers;
  jtrace::inject(SpanContext(), headers);
  CHECK(headers.empty());
}
