// Whose is a header? Told by its name, compared without case, for the formats that are read and the names that they have.
#include "propagation/header_table.h"

#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

HeaderKind kind(const Propagation& how, std::string_view name) {
  const HeaderTable table(how);
  return table.find(name, table.candidates(name));
}

std::string upper(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return capitals;
}

const Propagation kAll =
    formats({Format::jaeger, Format::w3c_context, Format::w3c_baggage, Format::b3_multi, Format::b3_single});

}  // namespace

TEST_CASE("every header is told by its name, in either case") {
  const std::pair<std::string_view, HeaderKind> known[] = {{"uber-trace-id", HeaderKind::jaeger_context},
                                                           {"uberctx-a", HeaderKind::jaeger_baggage},
                                                           {"traceparent", HeaderKind::w3c_parent},
                                                           {"tracestate", HeaderKind::w3c_state},
                                                           {"baggage", HeaderKind::w3c_baggage},
                                                           {"b3", HeaderKind::b3_single},
                                                           {"x-b3-traceid", HeaderKind::b3_trace_id},
                                                           {"x-b3-spanid", HeaderKind::b3_span_id},
                                                           {"x-b3-sampled", HeaderKind::b3_sampled},
                                                           {"x-b3-flags", HeaderKind::b3_flags},
                                                           {"baggage-a", HeaderKind::b3_baggage},
                                                           {"jaeger-debug-id", HeaderKind::debug_id},
                                                           {"jaeger-baggage", HeaderKind::debug_baggage}};
  for (const auto& [name, wanted] : known) {
    CAPTURE(name);
    CHECK(kind(kAll, name) == wanted);
    CHECK(kind(kAll, upper(name)) == wanted);
    CHECK(kind(kAll, std::string(name.substr(0, name.size() - 1))) != wanted);
    CHECK(kind(kAll, "x" + std::string(name)) == HeaderKind::none);
    CHECK(kind(formats({}), name) == HeaderKind::none);
  }
}

TEST_CASE("names that only look alike are nobody's") {
  for (const std::string_view name : {"", "u", "uberctx-", "uber_trace-id", "uber-trace-id ", "traceparents", "x-b3-parentspanid",
                                      "user-agent", "Transfer-Encoding", "x-request-id", "baggag\x05"}) {
    CAPTURE(name);
    CHECK(kind(kAll, name) == HeaderKind::none);
  }
}

TEST_CASE("of two bytes that differ by the bit of case only letters are the same") {
  CHECK(HeaderName("x-trace_id[1").is("X-TRACE_ID[1"));
  for (const auto& [name, other] : {std::pair("abcdefgh-ijk", "abcdefgh\rijk"), {"abcdefgh^", "abcdefgh~"}, {"abcdefgh~", "abcdefgh^"},
                                    {"a_b", "a\x7f" "b"}, {"ab@", "ab`"}, {"ab`", "ab@"}, {"trace{id", "trace[id"}}) {
    CAPTURE(name);
    CHECK_FALSE(HeaderName(name).is(other));
  }
}

TEST_CASE("a name of any length is compared to its end") {
  const std::string letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk";
  for (std::size_t size = 1; size <= HeaderName::kMost; ++size) {
    const HeaderName name(std::string_view(letters).substr(0, size));
    CHECK(name.is(upper(name.view())));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other(name.view());
      other[at] = '.';
      REQUIRE_FALSE(name.is(other));
      REQUIRE_FALSE(name.begins(other + "."));
    }
    CHECK(name.begins(upper(name.view()) + "."));
    CHECK_FALSE(name.begins(name.view()));
  }
}

TEST_CASE("a name that is configured twice is that of the format, not of those who debug by hand") {
  Propagation how = formats({Format::jaeger});
  how.debug_id_header = HeaderName("Uber-Trace-Id");
  CHECK(kind(how, "uber-trace-id") == HeaderKind::jaeger_context);
  CHECK(kind(formats({Format::w3c_context}), "uber-trace-id") == HeaderKind::none);
}
