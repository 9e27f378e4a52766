// W3C Trace Context, level 2, rule by rule; the rules of the conformance suite of the same repository are among them.
#include "propagation/w3c_format.h"

#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";
const std::string kGood = "00-" + kTrace + "-" + kSpan + "-01";
const std::string kRead = kTrace + " " + kSpan + " 1";

std::string parsed(const std::string& value) {
  const auto context = parse_traceparent(value);
  return context ? shown(*context) : "none";
}

// The tracestate that is passed on from these headers beside a good traceparent.
std::string passed_on(std::initializer_list<std::string> states, std::uint32_t* errors = nullptr) {
  Headers headers{{"traceparent", kGood}};
  for (const std::string& state : states) headers.emplace_back("tracestate", state);
  const Read got = read(w3c(), headers);
  CHECK(got.context.is_valid());  // whatever the tracestate is like
  if (errors) *errors = got.losses.decoding_errors;
  for (const auto& [name, value] : write(w3c(), got.context)) {
    if (name == "tracestate") return value;
  }
  return "none";
}

}  // namespace

TEST_CASE("a traceparent of version 00 has exactly 55 characters") {
  CHECK(parsed(kGood) == kRead);
  CHECK(parsed("00-" + kTrace + "-" + kSpan + "-00") == kTrace + " " + kSpan + " 0");
  CHECK(parsed(kGood + "-") == "none");
  CHECK(parsed(kGood + "-what-the-future-will-be-like") == "none");
  CHECK(parsed(kGood + ".") == "none");
  for (std::size_t size = 0; size < kGood.size(); ++size) CHECK(parsed(kGood.substr(0, size)) == "none");
}

TEST_CASE("upper-case digits and what are none are no traceparent, wherever they stand") {
  for (std::size_t at = 0; at < kGood.size(); ++at) {
    for (const char c : std::string("AFgG/:@`-. \t\n\r\xff\x80", 16) + '\0') {
      std::string changed = kGood;
      if (changed[at] == c) continue;
      changed[at] = c;
      CAPTURE(changed);
      CHECK(parsed(changed) == "none");
    }
  }
}

TEST_CASE("all-zero ids are no traceparent, half-zero ones are") {
  CHECK(parsed("00-00000000000000000000000000000000-" + kSpan + "-01") == "none");
  CHECK(parsed("00-" + kTrace + "-0000000000000000-01") == "none");
  CHECK(parsed("00-00000000000000000000000000000001-" + kSpan + "-01") != "none");
  CHECK(parsed("00-00000000000000010000000000000000-" + kSpan + "-01") != "none");
}

TEST_CASE("a version is two hex digits but not ff") {
  const std::string rest = kGood.substr(2);
  CHECK(parsed("ff" + rest) == "none");
  CHECK(parsed("ff" + rest + "-more") == "none");
  CHECK(parsed("0" + rest) == "none");
  CHECK(parsed("000" + rest) == "none");
  CHECK(parsed("0x" + rest) == "none");
  CHECK(parsed(".0" + rest) == "none");
  CHECK(parsed("CC" + rest) == "none");
}

TEST_CASE("a higher version is read as version 00, if it ends there or a dash follows, and written as version 00") {
  const std::string rest = kGood.substr(2);
  for (const char* version : {"01", "cc", "fe"}) {
    CHECK(parsed(version + rest) == kRead);
    CHECK(parsed(version + rest + "-") == kRead);
    CHECK(parsed(version + rest + "-what-the-future-will-be-like") == kRead);
    CHECK(parsed(version + rest + ".") == "none");
    CHECK(parsed(version + rest + ".what-the-future-will-not-be-like") == "none");
    CHECK(parsed((version + rest).substr(0, 54)) == "none");
  }
  CHECK(shown(write(w3c(), *parse_traceparent("cc" + rest + "-x"))) == "traceparent: " + kGood + "\n");
}

TEST_CASE("blanks and tabs around a traceparent are tolerated, within and other ones are not") {
  CHECK(parsed(" " + kGood) == kRead);
  CHECK(parsed("\t" + kGood + "\t \t") == kRead);
  CHECK(parsed(kGood + "\n") == "none");
  CHECK(parsed("00 -" + kGood.substr(3)) == "none");
}

TEST_CASE("of the flags sampled and random count; the others are ignored, and sent as 0") {
  const std::string head = kGood.substr(0, 53);
  const struct {
    const char *flags, *means, *sent;
  } cases[] = {{"00", " 0", "00"}, {"01", " 1", "01"}, {"02", " 0 random", "02"}, {"03", " 1 random", "03"},
               {"04", " 0", "00"}, {"ff", " 1 random", "03"}, {"fd", " 1", "01"}, {"80", " 0", "00"}};
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.flags));
    CHECK(parsed(head + wanted.flags) == kTrace + " " + kSpan + wanted.means);
    CHECK(write(w3c(), *parse_traceparent(head + wanted.flags))[0].second == head + wanted.sent);
  }
}

TEST_CASE("the W3C's random flag is no debug flag, nor the other way round") {
  CHECK_FALSE(parse_traceparent(kGood.substr(0, 53) + "03")->is_debug());
  const SpanContext debug({1, 2}, {3}, SpanContext::kSampled | SpanContext::kDebug | SpanContext::kNotRandom, nullptr);
  CHECK(write(w3c(), debug)[0].second.ends_with("-01"));
}

TEST_CASE("several traceparents are none, even the same ones") {
  CHECK(shown(read(w3c(), {{"traceparent", kGood}, {"traceparent", kGood}}).context) == "none");
  CHECK(shown(read(w3c(), {{"traceparent", kGood}, {"Traceparent", "x"}}).context) == "none");
  CHECK(shown(read(w3c(), {{"traceparent", "x"}, {"traceparent", kGood}}).context) == "none");
  CHECK(shown(read(w3c(), {{"traceparent", kGood + "," + kGood}}).context) == "none");
  CHECK(read(w3c(), {{"traceparent", kGood}, {"traceparent", kGood}}).losses.decoding_errors == 1);
}

TEST_CASE("header names count in any case, and only as a whole") {
  CHECK(shown(read(w3c(), {{"TraceParent", kGood}}).context) == kRead);
  CHECK(shown(read(w3c(), {{"TRACEPARENT", kGood}}).context) == kRead);
  CHECK(shown(read(w3c(), {{"trace-parent", kGood}}).context) == "none");
  CHECK(shown(read(w3c(), {{"trace.parent", kGood}}).context) == "none");
}

TEST_CASE("a trace id of 64 bits is written with zeros in front") {
  CHECK(shown(write(w3c(), SpanContext({0, 0xab}, {0xcd}, true))) ==
        "traceparent: 00-000000000000000000000000000000ab-00000000000000cd-01\n");
}

TEST_CASE("a tracestate is passed on as it came, without empty members and blanks around them") {
  CHECK(passed_on({"foo=1"}) == "foo=1");
  CHECK(passed_on({"foo=1,bar=2"}) == "foo=1,bar=2");
  CHECK(passed_on({"foo=1", "bar=2"}) == "foo=1,bar=2");
  CHECK(passed_on({"foo=1 \t , \t bar=2, \t baz=3"}) == "foo=1,bar=2,baz=3");
  CHECK(passed_on({" foo=1,", "", ",bar=2 "}) == "foo=1,bar=2");
  CHECK(passed_on({"foo=1,foo=2"}) == "foo=1,foo=2");  // twice the same: left to whoever made it
  CHECK(passed_on({""}) == "none");
  CHECK(passed_on({}) == "none");
}

TEST_CASE("a tracestate keeps at least 512 characters, and members of any allowed size") {
  std::string large;
  for (int i = 0; i < 32; ++i) large += (i ? ",k" : "k") + std::to_string(i) + "=" + std::string(256, 'v');
  CHECK(passed_on({large}) == large);
}

TEST_CASE("a tracestate of more than 32 members is dropped as a whole, over all its headers") {
  std::string members;
  for (int i = 0; i < 32; ++i) members += (i ? ",k" : "k") + std::to_string(i) + "=1";
  std::uint32_t errors = 0;
  CHECK(passed_on({members}, &errors) == members);
  CHECK(errors == 0);
  CHECK(passed_on({members + ",", ","}) == members);
  CHECK(passed_on({members + ",k32=1"}, &errors) == "none");
  CHECK(errors == 1);
  CHECK(passed_on({members, "k32=1"}) == "none");
  CHECK(passed_on({std::string(1 << 20, ',')}) == "none");
}

TEST_CASE("a tracestate's keys are those of level 2") {
  const std::string longest(256, 'k');
  for (const std::string& key : {std::string("a"), std::string("0"), std::string("fw529a3039@dt"), std::string("a_-*/@"),
                                 std::string("0@a@b"), longest}) {
    CAPTURE(key);
    CHECK(passed_on({key + "=1"}) == key + "=1");
  }
  for (const std::string& key : {std::string(""), std::string("Foo"), std::string("foo.bar"), std::string("@a"), std::string("_a"),
                                 std::string("foo "), std::string("a\xc3\xa4"), std::string("a\0", 2), longest + "k"}) {
    CAPTURE(key);
    CHECK(passed_on({"good=1," + key + "=1"}) == "none");
  }
}

TEST_CASE("a tracestate's values are 1 to 256 printing characters without comma and equals sign") {
  std::string all;
  for (char c = 0x20; c < 0x7f; ++c) {
    if (c != ',' && c != '=') all += c;
  }
  CHECK(passed_on({"a=" + all + all + all.substr(0, 256 - 2 * all.size())}) != "none");
  CHECK(passed_on({"a=" + all}) == "a=" + all);
  CHECK(passed_on({"a=" + std::string(256, '!')}) != "none");
  for (const std::string& member : {std::string("a="), std::string("a"), std::string("a=b=c"), "a=" + std::string(257, '!'),
                                    std::string("a=\x7f"), std::string("a=\xc3\xa4"), std::string("a=b\tc"), std::string("a=b\0", 4)}) {
    CAPTURE(member);
    CHECK(passed_on({member}) == "none");
  }
}

TEST_CASE("a tracestate without a good traceparent is nothing, in whatever order they come") {
  const Read alone = read(w3c(), {{"tracestate", "a=1"}}), beside = read(w3c(), {{"tracestate", "a=1"}, {"traceparent", "x"}});
  CHECK(alone.context.trace_state().empty());
  CHECK(beside.context.trace_state().empty());
  const Read turned = read(w3c(), {{"tracestate", "a=1"}, {"traceparent", kGood}});
  CHECK(turned.context.trace_state() == "a=1");
}
