// Several formats at once: all are sent, the first good one in the list's order is the context, and the others complete it.
#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";
const std::pair<std::string, std::string> kUber{"uber-trace-id", "1:2:0:1"}, kW3c{"traceparent", "00-" + kTrace + "-" + kSpan + "-03"},
    kB3{"b3", "000000000000000a-000000000000000b-1"};
const std::string kUberRead = "00000000000000000000000000000001 0000000000000002 1", kW3cRead = kTrace + " " + kSpan + " 1 random",
                  kB3Read = "0000000000000000000000000000000a 000000000000000b 1";

Propagation all() { return formats({Format::jaeger, Format::w3c_context, Format::w3c_baggage, Format::b3_single}); }

}  // namespace

TEST_CASE("by default Jaeger's and the W3C's headers are sent") {
  CHECK(shown(write(Propagation(), SpanContext({1, 2}, {3}, 1, nullptr))) ==
        "uber-trace-id: 00000000000000010000000000000002:0000000000000003:0:1\n"
        "traceparent: 00-00000000000000010000000000000002-0000000000000003-03\n");
}

TEST_CASE("all formats of the list are sent, in its order") {
  CHECK(shown(write(formats({Format::b3_single, Format::jaeger}), SpanContext({0, 2}, {3}, 1, nullptr))) ==
        "b3: 0000000000000002-0000000000000003-1\n"
        "uber-trace-id: 0000000000000002:0000000000000003:0:1\n");
  CHECK(write(formats({}), SpanContext({0, 2}, {3}, 1, nullptr)).empty());
}

TEST_CASE("the first good one in the list's order counts, in whatever order the headers come") {
  CHECK(shown(read(all(), {kUber, kW3c, kB3}).context) == kUberRead);
  CHECK(shown(read(all(), {kB3, kW3c, kUber}).context) == kUberRead);
  CHECK(shown(read(formats({Format::w3c_context, Format::jaeger}), {kUber, kW3c, kB3}).context) == kW3cRead);
  CHECK(shown(read(formats({Format::b3_multi, Format::jaeger}), {kUber, kW3c, kB3}).context) == kB3Read);
  CHECK(shown(read(all(), {kB3}).context) == kB3Read);
}

TEST_CASE("a format that is not in the list is not read") {
  CHECK(shown(read(formats({Format::jaeger}), {kW3c, kB3, {"baggage", "a=1"}}).context) == "none");
  CHECK_FALSE(read(formats({Format::jaeger}), {{"baggage", "a=1"}, {"traceparent", "x"}}).losses.any());
  CHECK(shown(read(formats({}), {kUber, kW3c, kB3}).context) == "none");
}

TEST_CASE("a malformed one is counted, and the next one counts") {
  const Read got = read(all(), {{"uber-trace-id", "x"}, {"traceparent", "y"}, kB3});
  CHECK(shown(got.context) == kB3Read);
  CHECK(got.losses.decoding_errors == 2);
}

TEST_CASE("tracestate and randomness belong to the trace, whichever header names it first") {
  const Headers same{{"uber-trace-id", kTrace + ":" + kSpan + ":0:1"}, kW3c, {"tracestate", "a=1"}};
  const Read got = read(all(), same);
  CHECK(shown(got.context) == kW3cRead);
  CHECK(got.context.trace_state() == "a=1");
  const Read other = read(all(), {kUber, kW3c, {"tracestate", "a=1"}});
  CHECK(shown(other.context) == kUberRead);
  CHECK(other.context.trace_state().empty());
}

TEST_CASE("debug, which the W3C has no word for, comes from the other headers of the same span") {
  const Propagation w3c_first = formats({Format::w3c_context, Format::jaeger});
  CHECK(read(w3c_first, {kW3c, {"uber-trace-id", kTrace + ":" + kSpan + ":0:3"}}).context.is_debug());
  CHECK_FALSE(read(w3c_first, {kW3c, {"uber-trace-id", kTrace + ":1:0:3"}}).context.is_debug());
  CHECK_FALSE(read(w3c_first, {kW3c, {"uber-trace-id", "1:2:0:3"}}).context.is_debug());
}

TEST_CASE("baggage of all formats is one; the value is that of the first, the key as the W3C spells it") {
  const Read got = read(all(), {{"baggage", "UserId=w3c,Only=w"}, kUber, {"uberctx-userid", "jaeger"}, {"uberctx-other", "j"}});
  CHECK(baggage(got.context) == "UserId=jaeger;Only=w;other=j;");
  const Read later = read(all(), {kUber, {"uberctx-userid", "jaeger"}, {"baggage", "UserId=w3c"}});
  CHECK(baggage(later.context) == "UserId=jaeger;");
  const Read turned = read(formats({Format::w3c_context, Format::w3c_baggage, Format::jaeger}),
                           {{"uberctx-userid", "jaeger"}, kW3c, {"baggage", "UserId=w3c"}});
  CHECK(baggage(turned.context) == "UserId=w3c;");
}

TEST_CASE("what was sent in two formats comes in once") {
  const BaggageItem items[] = {{"UserId", "a b+c/\u00fc"}, {"plan", "gold"}};
  const SpanContext out({1, 2}, {3}, 1, Baggage::make(items, "v=1"));
  const Read got = read(Propagation(), write(Propagation(), out));
  CHECK(shown(got.context) == shown(out));
  CHECK(baggage(got.context) == "UserId=a b+c/\u00fc;plan=gold;");
  CHECK(got.context.trace_state() == "v=1");
  CHECK(write(Propagation(), got.context) == write(Propagation(), out));
}

TEST_CASE("Jaeger's header names may be others, compared without case") {
  Propagation how = formats({Format::jaeger});
  how.trace_id_header = HeaderName("X-Trace");
  how.baggage_header_prefix = HeaderName("Ctx-");
  const BaggageItem item{"key", "v"};
  CHECK(shown(write(how, SpanContext({0, 2}, {3}, 1, Baggage::make({&item, 1}, {})))) ==
        "x-trace: 0000000000000002:0000000000000003:0:1\nctx-key: v\n");
  const Read got = read(how, {{"X-TRACE", "1:2:0:1"}, {"CTX-Key", "v"}, {"uberctx-a", "1"}});
  CHECK(shown(got.context) == kUberRead);
  CHECK(baggage(got.context) == "key=v;");
}

TEST_CASE("two thousand items are cut at the limit, and counted") {
  Headers headers{kUber};
  for (int i = 0; i < 2000; ++i) headers.emplace_back("uberctx-k" + std::to_string(i), "v");
  const Read got = read(Propagation(), headers);
  CHECK(got.context.baggage()->size() == 180);
  CHECK(got.losses.baggage_dropped == 1820);
}
