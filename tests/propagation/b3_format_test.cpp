// B3 in several headers and in one: every state, what is malformed, and what is sent.
#include "propagation/b3_format.h"

#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

const std::string kTrace = "80f198ee56343ba864fe8b2a57d3eff7", kSpan = "e457b5a2e4d86bd1", kParent = "05e3ac9a4f6e3b90";
const std::string kRead = kTrace + " " + kSpan;

Propagation multi() { return formats({Format::b3_multi}); }
Propagation single() { return formats({Format::b3_single}); }

std::string parsed(const std::string& value) {
  const auto context = parse_b3(value);
  return context ? shown(*context) : "broken";
}
// Beside the two ids.
std::string read_multi(Headers more) {
  more.insert(more.begin(), {{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}});
  return shown(read(multi(), more).context);
}

SpanContext context(std::uint32_t flags) {
  return SpanContext({0x80f198ee56343ba8, 0x64fe8b2a57d3eff7}, {0xe457b5a2e4d86bd1}, flags, nullptr);
}

}  // namespace

TEST_CASE("the single header has ids, a sampling state and a parent, of which the last two may be missing") {
  CHECK(parsed(kTrace + "-" + kSpan + "-1-" + kParent) == kRead + " 1");
  CHECK(parsed(kTrace + "-" + kSpan + "-1") == kRead + " 1");
  CHECK(parsed(kTrace + "-" + kSpan + "-0") == kRead + " 0");
  CHECK(parsed(kTrace + "-" + kSpan + "-d") == kRead + " 3");
  CHECK(parsed(kTrace + "-" + kSpan) == kRead + " 0 undecided");
  CHECK(parsed("64fe8b2a57d3eff7-" + kSpan + "-1") == "000000000000000064fe8b2a57d3eff7 " + kSpan + " 1");
}

TEST_CASE("the single header may have a decision alone") {
  CHECK(parsed("0") == "none, decided 0");
  CHECK(parsed("1") == "none, decided 1");
  CHECK(parsed("d") == "none, decided 3");
}

TEST_CASE("a single header that is malformed is no context, and counted") {
  const std::string ids = kTrace + "-" + kSpan;
  for (const std::string& value :
       {std::string(""), std::string("2"), std::string("-"), kTrace, kTrace + "-", "-" + kSpan, ids + "-", ids + "-2", ids + "-D", ids + "-1-",
        ids + "-1-x", ids + "-1-" + kParent + "-", ids + "-1-0000000000000000", ids + "--" + kParent, "x" + ids.substr(1),
        ids.substr(1), ids.substr(0, 48), kTrace + "-0000000000000000-1", std::string(32, '0') + "-" + kSpan + "-1",
        "1" + ids, std::string(1'000'000, '-')}) {
    CAPTURE(value.substr(0, 80));
    CHECK(parsed(value) == "broken");
    CHECK(read(single(), {{"b3", value}}).losses.decoding_errors == 1);
  }
}

TEST_CASE("several headers: sampled is 1 or 0, once true or false; flags 1 is debug, which is sampled") {
  CHECK(read_multi({{"X-B3-Sampled", "1"}}) == kRead + " 1");
  CHECK(read_multi({{"X-B3-Sampled", "0"}}) == kRead + " 0");
  CHECK(read_multi({{"x-b3-sampled", "true"}}) == kRead + " 1");
  CHECK(read_multi({{"x-b3-sampled", "false"}}) == kRead + " 0");
  CHECK(read_multi({{"x-b3-flags", "1"}}) == kRead + " 3");
  CHECK(read_multi({{"x-b3-flags", "1"}, {"x-b3-sampled", "0"}}) == kRead + " 3");
  CHECK(read_multi({{"x-b3-sampled", "0"}, {"x-b3-flags", "1"}}) == kRead + " 3");
  CHECK(read_multi({{"x-b3-flags", "0"}}) == kRead + " 0 undecided");
  CHECK(read_multi({{"x-b3-parentspanid", kParent}, {"x-b3-sampled", "1"}}) == kRead + " 1");
  CHECK(read_multi({}) == kRead + " 0 undecided");
}

TEST_CASE("several headers that are malformed or incomplete are no context, and counted") {
  const Headers cases[] = {{{"x-b3-traceid", kTrace}},
                           {{"x-b3-spanid", kSpan}},
                           {{"x-b3-traceid", kTrace.substr(1)}, {"x-b3-spanid", kSpan}},
                           {{"x-b3-traceid", kTrace}, {"x-b3-spanid", kSpan + "0"}},
                           {{"x-b3-traceid", kTrace}, {"x-b3-spanid", "0000000000000000"}},
                           {{"x-b3-traceid", kTrace}, {"x-b3-spanid", kSpan}, {"x-b3-sampled", "2"}},
                           {{"x-b3-traceid", kTrace}, {"x-b3-spanid", kSpan}, {"x-b3-flags", "yes"}}};
  for (const Headers& headers : cases) {
    CAPTURE(shown(headers));
    const Read got = read(multi(), headers);
    CHECK(shown(got.context) == "none");
    CHECK(got.losses.decoding_errors == 1);
  }
  CHECK(read(multi(), {}).losses.decoding_errors == 0);
}

TEST_CASE("several headers may have a decision alone") {
  CHECK(shown(read(multi(), {{"x-b3-sampled", "0"}}).context) == "none, decided 0");
  CHECK(shown(read(multi(), {{"x-b3-flags", "1"}}).context) == "none, decided 3");
}

TEST_CASE("both forms are read whichever is sent, and the single one wins") {
  const Headers both{{"X-B3-TraceId", "1111111111111111"}, {"X-B3-SpanId", "2222222222222222"}, {"b3", kTrace + "-" + kSpan + "-1"}};
  for (const Propagation& how : {multi(), single()}) {
    CHECK(shown(read(how, both).context) == kRead + " 1");
    CHECK(read(how, {both[0], both[1]}).context.is_valid());
  }
}

TEST_CASE("several headers are sent without a parent; for debug flags take the place of sampled") {
  const std::string ids = "x-b3-traceid: " + kTrace + "\nx-b3-spanid: " + kSpan + "\n";
  CHECK(shown(write(multi(), context(1))) == ids + "x-b3-sampled: 1\n");
  CHECK(shown(write(multi(), context(0))) == ids + "x-b3-sampled: 0\n");
  CHECK(shown(write(multi(), context(3))) == ids + "x-b3-flags: 1\n");
  CHECK(shown(write(multi(), context(SpanContext::kUndecided))) == ids);
}

TEST_CASE("one header is sent without a parent") {
  CHECK(shown(write(single(), context(1))) == "b3: " + kTrace + "-" + kSpan + "-1\n");
  CHECK(shown(write(single(), context(0))) == "b3: " + kTrace + "-" + kSpan + "-0\n");
  CHECK(shown(write(single(), context(3))) == "b3: " + kTrace + "-" + kSpan + "-d\n");
  CHECK(shown(write(single(), context(SpanContext::kUndecided))) == "b3: " + kTrace + "-" + kSpan + "\n");
}

TEST_CASE("a trace id of 64 bits goes as 16 digits") {
  CHECK(shown(write(single(), SpanContext({0, 0xab}, {0xcd}, true))) == "b3: 00000000000000ab-00000000000000cd-1\n");
}

TEST_CASE("baggage goes beside B3 where no other format carries it, and comes back") {
  const BaggageItem items[] = {{"user", "a b+c/\u00fc%"}, {"lines", "x\r\ny"}, {"blanks", " a "}};
  const SpanContext out({1, 2}, {3}, 1, Baggage::make(items, {}));
  const Headers headers = write(single(), out);
  CHECK(headers[1] == std::pair<std::string, std::string>("baggage-user", "a b+c/%C3%BC%25"));
  CHECK(headers[3].second == "%20a%20");
  CHECK(baggage(read(single(), headers).context) == "user=a b+c/\u00fc%;lines=x\r\ny;blanks= a ;");
  CHECK(write(formats({Format::b3_single, Format::jaeger}), out).size() == 5);  // b3, uber-trace-id, three of uberctx-
}
