// Inject and extract: carriers of every shape, headers of any content, and what a tracer's settings make of them.
#include <doctest/doctest.h>

#include <strings.h>

#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"

namespace {

using jtrace::testing::Recorder;
using Map = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kHeader = "uber-trace-id";

jtrace::SpanContext extract_from(std::string_view value) {
  return jtrace::extract(Pairs{{kHeader, std::string(value)}});
}

std::string injected(const jtrace::SpanContext& context) {
  Map headers;
  jtrace::inject(context, headers);
  return headers[kHeader];
}

const jtrace::SpanContext kLong({0x0102030405060708, 0x1112131415161718}, {0x2122232425262728}, true);
const jtrace::SpanContext kShort({0, 0xabc}, {0xff}, false);

// As cpp-httplib keeps its headers.
struct IgnoringCase {
  bool operator()(const std::string& a, const std::string& b) const {
    return strcasecmp(a.c_str(), b.c_str()) < 0;
  }
};
using HttplibHeaders = std::multimap<std::string, std::string, IgnoringCase>;
struct HttplibRequest {
  std::string path;
  HttplibHeaders headers;
};
// As Boost.Beast, with a visit of its own.
struct BeastFields {
  Map fields;
  void set(std::string_view key, std::string_view value) { fields[std::string(key)] = value; }
  template <class F>
  void visit(F see) const {
    for (const auto& [key, value] : fields) see(key, value);
  }
};
// As gRPC's server hands out metadata: texts that are no std::string_view.
struct StringRef {
  const char* text;
  std::size_t length;
  const char* data() const { return text; }
  std::size_t size() const { return length; }
};
struct Less {
  bool operator()(const StringRef& a, const StringRef& b) const {
    return std::string_view(a.text, a.length) < std::string_view(b.text, b.length);
  }
};
// As gRPC's client takes metadata.
struct ClientContext {
  Pairs metadata;
  void AddMetadata(const std::string& key, const std::string& value) { metadata.emplace_back(key, value); }
};

}  // namespace

TEST_CASE("a context is written as padded hex, parent 0, one digit of flags") {
  CHECK(injected(kLong) == "01020304050607081112131415161718:2122232425262728:0:1");
  CHECK(injected(kShort) == "0000000000000abc:00000000000000ff:0:0");
  CHECK(injected(jtrace::SpanContext({0, 1}, {2}, 3, nullptr)) == "0000000000000001:0000000000000002:0:3");
}

TEST_CASE("an invalid context and no active span inject nothing") {
  Map headers;
  jtrace::inject(jtrace::SpanContext(), headers);
  jtrace::inject(jtrace::Span().context(), headers);
  jtrace::inject(headers);
  CHECK(headers.empty());
}

TEST_CASE("what was injected is extracted: ids, flags, for every carrier") {
  Recorder recorder;
  recorder.sample(false);
  const auto unsampled = jtrace::start_span("x").context();
  recorder.sample(true);
  const auto sampled = jtrace::start_span("y").context();
  for (const jtrace::SpanContext& context : {kLong, kShort, unsampled, sampled}) {
    const auto same = [&](const jtrace::SpanContext& other) {
      return other == context && other.flags() == context.flags() &&
             other.is_sampled() == context.is_sampled();
    };
    Map map;
    jtrace::inject(context, map);
    CHECK(same(jtrace::extract(map)));
    std::map<std::string, std::string, std::less<>> transparent;
    jtrace::inject(context, transparent);
    CHECK(same(jtrace::extract(transparent)));
    std::unordered_map<std::string, std::string> unordered;
    jtrace::inject(context, unordered);
    CHECK(same(jtrace::extract(unordered)));
    HttplibHeaders multimap;
    jtrace::inject(context, multimap);
    CHECK(same(jtrace::extract(multimap)));
    HttplibRequest request{"/orders/7", multimap};
    CHECK(same(jtrace::extract(request)));
    Pairs pairs;
    jtrace::inject(context, pairs);
    CHECK(same(jtrace::extract(pairs)));
    BeastFields fields;
    jtrace::inject(context, fields);
    CHECK(same(jtrace::extract(fields)));
    ClientContext client;
    jtrace::inject(context, client);
    CHECK(same(jtrace::extract(client.metadata)));
    std::multimap<StringRef, StringRef, Less> references;
    for (const auto& [key, value] : client.metadata) {
      references.emplace(StringRef{key.data(), key.size()}, StringRef{value.data(), value.size()});
    }
    CHECK(same(jtrace::extract(references)));
    Pairs called;
    jtrace::inject(context,
                   [&](std::string_view key, std::string_view value) { called.emplace_back(key, value); });
    CHECK(same(jtrace::extract(called)));
    Map by_tracer;
    recorder.tracer().inject(context, by_tracer);
    CHECK(same(recorder.tracer().extract(by_tracer)));
    const std::map<std::string_view, std::string_view> views(map.begin(), map.end());
    CHECK(same(jtrace::extract(views)));
    const std::vector<std::pair<const char*, const char*>> pointers{{kHeader, map[kHeader].c_str()}};
    CHECK(same(jtrace::extract(pointers)));
  }
}

TEST_CASE("injecting twice leaves one header, that of the second, wherever the carrier can replace") {
  Map map;
  std::unordered_map<std::string, std::string> unordered;
  HttplibHeaders multimap;
  BeastFields fields;
  for (const auto& context : {kShort, kLong}) {
    jtrace::inject(context, map);
    jtrace::inject(context, unordered);
    jtrace::inject(context, multimap);
    jtrace::inject(context, fields);
  }
  CHECK(map.size() == 2);
  CHECK(unordered.size() == 2);
  CHECK(multimap.size() == 2);
  CHECK(fields.fields.size() == 2);
  CHECK(jtrace::extract(map) == kLong);
  CHECK(jtrace::extract(unordered) == kLong);
  CHECK(jtrace::extract(multimap) == kLong);
  CHECK(jtrace::extract(fields) == kLong);
}

TEST_CASE("inject without a context takes the active one, of a span or of a context alone") {
  Recorder recorder;
  auto span = jtrace::start_active_span("client");
  Map headers;
  jtrace::inject(headers);
  CHECK(jtrace::extract(headers) == span->context());
  auto scope = jtrace::activate(kLong);
  jtrace::inject(headers);
  CHECK(jtrace::extract(headers) == kLong);
  std::string raw;
  jtrace::inject(
      [&](std::string_view key, std::string_view value) { raw.append(key).append(": ").append(value) += '\n'; });
  CHECK(raw == "uber-trace-id: 01020304050607081112131415161718:2122232425262728:0:1\n"
               "traceparent: 00-01020304050607081112131415161718-2122232425262728-01\n");
}

TEST_CASE("header names are found in any case") {
  for (const char* name : {"uber-trace-id", "Uber-Trace-Id", "UBER-TRACE-ID", "uBeR-tRaCe-Id"}) {
    CAPTURE(std::string(name));
    CHECK(jtrace::extract(Pairs{{"Accept", "*/*"}, {name, "abc:ff:0:1"}, {"Host", "h"}}).is_valid());
  }
  CHECK_FALSE(
      jtrace::extract(Pairs{{"x-uber-trace-id", "abc:ff:0:1"}, {"uber-trace-i", "abc:ff:0:1"}}).is_valid());
}

TEST_CASE("an empty carrier gives an invalid context") {
  CHECK_FALSE(jtrace::extract(Map()).is_valid());
  CHECK_FALSE(jtrace::extract(HttplibRequest()).is_valid());
  CHECK_FALSE(jtrace::extract(BeastFields()).is_valid());
}

TEST_CASE("ids are read with or without leading zeros, in either case, 64 or 128 bits, with encoded colons") {
  const jtrace::TraceId wide{0x0102030405060708, 0x1112131415abcdef};
  struct {
    const char* text;
    jtrace::TraceId trace;
    std::uint64_t span;
    bool sampled;
  } const cases[] = {
      {"1:2:0:1", {0, 1}, 2, true},
      {"abc:ff:0:0", {0, 0xabc}, 0xff, false},
      {"ABC:FF:0:1", {0, 0xabc}, 0xff, true},
      {"0000000000000abc:00000000000000ff:0:1", {0, 0xabc}, 0xff, true},
      {"01020304050607081112131415abcdef:2122232425262728:0:1", wide, 0x2122232425262728, true},
      {"102030405060708111213141 5abcdef:2:0:1", {}, 0, false},
      {"1020304050607081112131415ABCDEF:2122232425262728:0:1", wide, 0x2122232425262728, true},
      {"00000000000000000000000000000abc:ff:0:1", {0, 0xabc}, 0xff, true},
      {"ffffffffffffffffffffffffffffffff:ffffffffffffffff:0:1", {~0ull, ~0ull}, ~0ull, true},
      {"10000000000000000:1:0:1", {1, 0}, 1, true},
      {"abc:ff:0000000000000abc:1", {0, 0xabc}, 0xff, true},
      {"abc%3Aff%3A0%3A1", {0, 0xabc}, 0xff, true},
      {"abc%3aff%3a0%3a1", {0, 0xabc}, 0xff, true},
      {"abc:ff:0:01", {0, 0xabc}, 0xff, true},
      {"abc:ff:0:00", {0, 0xabc}, 0xff, false},
      {"abc:ff:0:3", {0, 0xabc}, 0xff, true},
      {"abc:ff:0:9", {0, 0xabc}, 0xff, true},
      {"abc:ff:0:b", {0, 0xabc}, 0xff, true},
      {"abc:ff:0:a0", {0, 0xabc}, 0xff, false},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.text));
    const auto context = extract_from(wanted.text);
    CHECK(context.is_valid() == (wanted.span != 0));
    CHECK(context.trace_id() == wanted.trace);
    CHECK(context.span_id() == jtrace::SpanId{wanted.span});
    CHECK(context.is_sampled() == wanted.sampled);
  }
}

TEST_CASE("the debug flag is read") {
  CHECK(extract_from("abc:ff:0:3").is_debug());
  CHECK_FALSE(extract_from("abc:ff:0:1").is_debug());
}

TEST_CASE("a malformed header gives an invalid context and never throws") {
  using namespace std::string_view_literals;
  const std::string digits33(33, '1'), digits17(17, '1');
  const std::string_view cases[] = {
      "",
      " ",
      ":",
      "::",
      ":::",
      "::::",
      "1",
      "1:2",
      "1:2:0",
      "1:2:0:1:",
      "1:2:0:1:1",
      ":1:2:0:1",
      "0:2:0:1",
      "1:0:0:1",
      "00000000000000000000000000000000:2:0:1",
      "1:0000000000000000:0:1",
      "g:2:0:1",
      "1:g:0:1",
      "1:2:0:g",
      "1:2:0:",
      "1:2:0:100",
      "1:2:0:-1",
      "1:2:0:1x",
      "0x1:2:0:1",
      "1:0x2:0:1",
      "-1:2:0:1",
      "1:-2:0:1",
      "+1:2:0:1",
      "1_0:2:0:1",
      "1 2:3:0:1",
      "1.0:2:0:1",
      ":2:0:1",
      "1::0:1",
      "1;2;0;1",
      "1-2-0-1",
      "00-01020304050607081112131415161718-2122232425262728-01",
      "%",
      "%3",
      "%3A",
      "1%3",
      "1%3:2:0:1",
      "1%zz2:0:1",
      "%31%3A%",
      "1%3A2%3A0",
      "1%003:2:0:1",
      "1:2:0:1\r\nX-Evil: 1",
      "1:2:0:1\0"sv,
      "\0:2:0:1"sv,
      "1\0:2:0:1"sv,
      "\xff\xfe:2:0:1",
      "١:٢:0:1",
      "null",
      "undefined",
      "{\"a\":1}",
  };
  for (const std::string_view text : cases) {
    CAPTURE(std::string(text));
    jtrace::SpanContext context = kLong;
    CHECK_NOTHROW(context = extract_from(text));
    CHECK_FALSE(context.is_valid());
  }
  CHECK_FALSE(extract_from(digits33 + ":2:0:1").is_valid());
  CHECK_FALSE(extract_from("1:" + digits17 + ":0:1").is_valid());
  CHECK_FALSE(extract_from(std::string(1 << 20, '1') + ":2:0:1").is_valid());
  CHECK_FALSE(extract_from(std::string(1 << 20, ':')).is_valid());
  CHECK_FALSE(extract_from(std::string(1 << 20, '%')).is_valid());
  CHECK_FALSE(extract_from("0" + std::string(1 << 16, '0') + "1:2:0:1").is_valid());
}

TEST_CASE("every cut and every one-byte change of a good header is either refused or a valid context") {
  const std::string good = "01020304050607081112131415161718:2122232425262728:0:1";
  for (std::size_t length = 0; length < good.size(); ++length) {
    const auto context = extract_from(good.substr(0, length));
    CHECK((!context.is_valid() || (context.trace_id().is_valid() && context.span_id().is_valid())));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[at] = static_cast<char>(byte);
      const auto context = extract_from(changed);
      CAPTURE(changed);
      const bool was_digit = good[at] != ':';
      const bool is_digit = std::isxdigit(byte) != 0;
      // A digit for a digit stays valid; something else than a colon for a colon does not.
      if (was_digit && is_digit && at + 4 < good.size()) CHECK(context.is_valid());
      if (!was_digit && byte != ':') CHECK_FALSE(context.is_valid());
      const bool is_blank = std::isspace(byte) != 0;  // allowed around a header's value
      if (was_digit && !is_digit && byte != ':' && byte != '%' && at < 49 && !(at == 0 && is_blank)) {
        CHECK_FALSE(context.is_valid());
      }
    }
  }
}

TEST_CASE("a service that gets a malformed header starts a new trace") {
  Recorder recorder;
  HttplibRequest request{"/", {{"Uber-Trace-Id", "not at all"}}};
  {
    auto left_over = jtrace::start_active_span("left over");
    jtrace::start_span("server", {.child_of = jtrace::extract(request)}).finish();
  }
  CHECK(recorder.span("server").parent == jtrace::SpanId{});
  CHECK(recorder.span("server").context.trace_id() != recorder.span("left over").context.trace_id());
}

TEST_CASE("a call from one service to the next is one trace") {
  Recorder recorder;
  HttplibRequest request;
  {
    auto client = jtrace::start_active_span("client");
    jtrace::inject(request.headers);
  }
  {
    auto server = jtrace::start_active_span("server", {.child_of = jtrace::extract(request)});
    auto db = jtrace::start_active_span("db");
  }
  CHECK(recorder.tree() == "client\n  server\n    db\n");
}

TEST_CASE("baggage travels in uberctx headers, whatever its text") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  const std::string odd = "a b+c%d=e,f;g:h/ü 测试\t\"\\";
  span.set_baggage_item("user", "alice").set_baggage_item("odd", odd).set_baggage_item("empty", "");
  Map headers;
  jtrace::inject(span.context(), headers);
  CHECK(headers["uberctx-user"] == "alice");
  for (const auto& [key, value] : headers) {
    for (const char c : value) CHECK((c > 0x20 && c < 0x7f));
  }
  CHECK(headers["uberctx-odd"].find("%20") != std::string::npos);
  CHECK(headers["uberctx-odd"].find('+') == std::string::npos);

  const auto context = jtrace::extract(headers);
  CHECK(context == span.context());
  CHECK(context.baggage_item("user") == "alice");
  CHECK(context.baggage_item("odd") == odd);
}

TEST_CASE(
    "baggage of other clients is read: names in any case, a plus as a blank, percent codes of either case") {
  const auto context = jtrace::extract(Pairs{{"Uberctx-User-Id", "alice+b%20c%2Bd%2be%C3%BC"},
                                             {"Uber-Trace-Id", "abc:ff:0:1"},
                                             {"UBERCTX-PLAN", "gold"}});
  CHECK(context.is_valid());
  CHECK(context.baggage_item("user-id") == "alice b c+d+eü");
  CHECK(context.baggage_item("plan") == "gold");
}

TEST_CASE("extracted baggage goes on to children and to the next service") {
  Recorder recorder;
  const auto remote = jtrace::extract(Pairs{{kHeader, "abc:ff:0:1"}, {"uberctx-user", "alice"}});
  auto server = jtrace::start_active_span("server", {.child_of = remote});
  auto client = jtrace::start_active_span("client");
  Map headers;
  jtrace::inject(headers);
  CHECK(headers["uberctx-user"] == "alice");
}

TEST_CASE("malformed baggage is harmless and leaves the context") {
  using namespace std::string_literals;
  Pairs headers{{kHeader, "abc:ff:0:1"},
                {"uberctx-", "no name"},
                {"uberctx-a", "%"},
                {"uberctx-b", "%2"},
                {"uberctx-c", "%zz"},
                {"uberctx-d", "\0\xff\xfe"s},
                {"uberctx-e", ""},
                {"uberctx-ok", "fine"},
                {"uberct", "x"},
                {"", ""},
                {"uberctx-long", std::string(1 << 20, 'x')}};
  for (int i = 0; i < 2000; ++i) headers.emplace_back("uberctx-many-" + std::to_string(i), "v");
  jtrace::SpanContext context;
  CHECK_NOTHROW(context = jtrace::extract(headers));
  CHECK(context.is_valid());
  CHECK(context.trace_id() == jtrace::TraceId{0, 0xabc});
  CHECK(context.baggage_item("ok") == "fine");
}

TEST_CASE("no baggage can break out of its header") {
  Recorder recorder;
  auto span = jtrace::start_span("x");
  span.set_baggage_item("user", "a\r\nX-Evil: 1")
      .set_baggage_item("k\r\nX-Evil: 1\r\nx", "v")
      .set_baggage_item("", "v");
  Pairs headers;
  jtrace::inject(span.context(), headers);
  for (const auto& [key, value] : headers) {
    CAPTURE(key);
    CHECK(key.find_first_of("\r\n: ") == std::string::npos);
    CHECK(value.find_first_of("\r\n") == std::string::npos);
  }
}

TEST_CASE("the same header twice with the same content is that context") {
  CHECK(jtrace::extract(Pairs{{kHeader, "abc:ff:0:1"}, {kHeader, "abc:ff:0:1"}}).is_valid());
}

TEST_CASE("what a carrier throws reaches the caller") {
  struct Throwing {
    void set(std::string_view, std::string_view) { throw std::runtime_error("read-only"); }
    void visit(const std::function<void(std::string_view, std::string_view)>&) const {
      throw std::runtime_error("gone");
    }
  };
  Throwing carrier;
  CHECK_THROWS_AS(jtrace::inject(kLong, carrier), std::runtime_error);
  CHECK_THROWS_AS((void)jtrace::extract(carrier), std::runtime_error);
  CHECK_THROWS_AS(
      jtrace::inject(kLong, [](std::string_view, std::string_view) { throw std::runtime_error("no"); }),
      std::runtime_error);
}
