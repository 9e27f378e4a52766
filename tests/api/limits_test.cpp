// Limits of one span: what is too long is cut at a character, marked and counted; what fits is untouched.
#include <doctest/doctest.h>

#include <string>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"
#include "support/batch.h"
#include "support/environment.h"
#include "support/http_server.h"

namespace {

using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using namespace std::chrono_literals;

std::string text_of(const RecordedSpan& span, const char* key) {
  const jtrace::Value* value = span.tag(key);
  return value ? std::string(value->as_text()) : "none";
}

}  // namespace

TEST_CASE("a text is kept up to 1,024 characters, however many bytes they have") {
  std::string characters;
  for (int i = 0; i < 1024; ++i) characters += "ü";
  Recorder recorder;
  recorder.tracer().start_span("fits").set_tag("t", std::string(1024, 'x')).set_tag("u", characters).finish();
  recorder.tracer().start_span("long").set_tag("t", std::string(1025, 'x')).set_tag("u", characters + "ü").finish();
  CHECK(text_of(recorder.span("fits"), "t").size() == 1024);
  CHECK(text_of(recorder.span("fits"), "u") == characters);
  CHECK_FALSE(recorder.span("fits").cut);
  CHECK(text_of(recorder.span("long"), "t") == std::string(1024, 'x'));
  CHECK(text_of(recorder.span("long"), "u") == characters);
  CHECK(recorder.span("long").cut);
}

TEST_CASE("fields of logs are cut alike, bytes by their number, names and numbers never") {
  Recorder recorder;
  const std::string bytes(3000, '\xff');
  jtrace::Span span = recorder.tracer().start_span(std::string(2000, 'n'));
  span.log({{"text", std::string(3000, 'x')}, {"n", 7}});
  span.set_tag("binary", jtrace::bytes(bytes.data(), bytes.size()));
  span.finish();
  const RecordedSpan& seen = recorder.spans().front();
  CHECK(seen.name.size() == 2000);
  CHECK(seen.logs.at(0).field("text")->as_text().size() == 1024);
  CHECK(seen.logs.at(0).field("n")->as_integer() == 7);
  CHECK(seen.tag("binary")->as_text().size() == 1024);
  CHECK(seen.cut);
}

TEST_CASE("another length by configuration: a short one, which is at least 32, or none") {
  struct {
    std::int64_t given;
    std::size_t kept, cut;
  } const cases[] = {{100, 100, 1}, {1, 32, 1}, {0, 5000, 0}};
  for (const auto& one : cases) {
    CAPTURE(one.given);
    const support::HttpServer server;
    auto made = jtrace::make_tracer({.service_name = "s", .endpoint = server.endpoint(), .limits = {.value_length = one.given}});
    REQUIRE(made.has_value());
    made->start_span("s").set_tag("t", std::string(5000, 'x')).set_tag("short", std::string(32, 'y')).finish();
    CHECK(made->close(10s));
    const auto spans = support::spans_of(server);
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].text("t").size() == one.kept);
    CHECK(spans[0].text("short") == std::string(32, 'y'));
    CHECK(made->stats().cut == one.cut);
  }
}

TEST_CASE("of many tags, logs and fields the first ones stay, each span is marked and counted once") {
  const support::HttpServer server;
  auto made = jtrace::make_tracer({.service_name = "s",
                                   .endpoint = server.endpoint(),
                                   .sampler = {.type = "const", .param = 1},
                                   .limits = {.tags = 2, .logs = 2, .log_fields = 1}});
  REQUIRE(made.has_value());
  jtrace::Span many = made->start_span("many", {.kind = jtrace::Kind::client});
  many.set_tag("a", 1).set_tag("b", 2).set_tag("c", 3).set_tag("a", 4);
  many.log({{"x", 1}, {"y", 2}}).log({{"x", 2}}).log({{"x", 3}});
  many.finish();
  jtrace::Span few = made->start_span("few").set_tag("a", 1).set_tag("b", 2);
  few.log({{"x", 1}}).finish();
  CHECK(made->close(10s));
  const auto spans = support::spans_of(server);
  const support::SentSpan cut = support::find_span(spans, "many"), whole = support::find_span(spans, "few");
  REQUIRE(cut.tag("a"));
  CHECK(cut.tag("a")->integer == 4);
  CHECK(cut.tag("b"));
  CHECK_FALSE(cut.tag("c"));
  CHECK(cut.count("jtrace.cut") == 1);
  CHECK(cut.text("span.kind") == "client");
  CHECK(cut.text("sampler.type") == "const");
  REQUIRE(cut.logs.size() == 2);
  CHECK(cut.logs[0].fields.size() == 1);
  CHECK(cut.logs[1].field("x")->integer == 2);
  CHECK_FALSE(whole.tag("jtrace.cut"));
  CHECK(whole.tags.size() == 4);  // with the sampler's
  CHECK(whole.logs.size() == 1);
  CHECK(made->stats().cut == 1);
  CHECK(made->stats().is_balanced());
}
