// The small language by which recorded trees are matched, what it says where they do not, and the reporter that keeps what was delivered.
#include <doctest/doctest.h>

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "jtrace/jtrace.h"
#include "jtrace/testing.h"

namespace {

using jtrace::testing::InMemoryReporter;
using jtrace::testing::Recorder;
using namespace std::chrono_literals;

// request( auth, query[db.statement=…, rows=2]( row, row ), notify! )
void serve() {
  auto request = jtrace::start_active_span("request");
  { auto auth = jtrace::start_active_span("auth"); }
  {
    auto query = jtrace::start_active_span("query");
    query->set_tag("db.statement", "SELECT \"a\", b").set_tag("rows", 2).set_tag("cached", false).set_tag("share", 0.5);
    for (int i = 0; i < 2; ++i) auto row = jtrace::start_active_span("row");
  }
  auto notify = jtrace::start_active_span("notify");
  notify->set_error("nobody there");
}

void finish(const char* name) { jtrace::start_span(name).finish(); }

std::string why_not(Recorder& recorder, std::string_view pattern) {
  const auto matched = recorder.matches(pattern);
  CHECK_FALSE(matched);
  return matched.message();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("a pattern names spans, their children in parentheses, and errors") {
  Recorder recorder;
  serve();
  CHECK(recorder.matches("request(auth, query(row, row), notify!)"));
  CHECK(recorder.matches("  request ( auth,query( row ,row ) , notify ! ) "));
  CHECK_FALSE(recorder.matches("request(auth, query(row), notify!)"));
  CHECK_FALSE(recorder.matches("request(auth, query(row, row, row), notify!)"));
  CHECK_FALSE(recorder.matches("request(query(row, row), auth, notify!)"));
  CHECK_FALSE(recorder.matches("request(auth, query(row, row), notify)"));
  CHECK_FALSE(recorder.matches("request!(auth, query(row, row), notify!)"));
  CHECK_FALSE(recorder.matches("request"));
  CHECK_FALSE(recorder.matches(""));
}

TEST_CASE("an empty pattern is for an empty recording, and so are spans that need not be there") {
  Recorder recorder;
  CHECK(recorder.matches(""));
  CHECK(recorder.matches("a?, ..."));
  CHECK(first_line(why_not(recorder, "a?, b")) == "there is no b");
}

TEST_CASE("a star stands for any characters, and in quotes for itself") {
  Recorder recorder;
  finish("shop::checkout<int>");
  CHECK(recorder.matches("*"));
  CHECK(recorder.matches("shop::*"));
  CHECK(recorder.matches("*<int>"));
  CHECK(recorder.matches("s*check*int>"));
  CHECK_FALSE(recorder.matches("*check"));
  CHECK_FALSE(recorder.matches("shop::checkout<int>*>"));
  CHECK_FALSE(recorder.matches("\"shop::*\""));
  recorder.clear();
  finish("GET /a(b), \"c\" *");
  CHECK(recorder.matches(R"("GET /a(b), \"c\" *")"));
  CHECK_FALSE(recorder.matches(R"("GET /a(b), \"c\" x")"));
}

TEST_CASE("tags are there, have a value, or are not there") {
  Recorder recorder;
  serve();
  const auto with = [&](const std::string& tags) {
    return static_cast<bool>(recorder.matches("request(auth, query[" + tags + "](row, row), notify!)"));
  };
  CHECK(with("rows"));
  CHECK(with("rows=2, cached=false, share=0.5, !user"));
  CHECK(with("db.statement=*"));
  CHECK(with("db.statement=SELECT*"));
  CHECK(with(R"(db.statement="SELECT \"a\", b")"));
  CHECK_FALSE(with("rows=3"));
  CHECK_FALSE(with("user"));
  CHECK_FALSE(with("!rows"));
  CHECK_FALSE(with("db.statement=INSERT*"));
}

TEST_CASE("how many there may be of a span") {
  Recorder recorder;
  for (const char* name : {"a", "b", "b", "b", "c"}) finish(name);
  for (const char* good : {"a, b+, c", "a+, b+, c+", "a, b#3, c", "a, b#2-3, c", "a, b#0-, c", "a, b, b#2, c, d?", "a, b?, b?, b?, b?, c",
                           "a, b+, b, c", "...", "a, ..., c", "..., b, c", "*#5", "*+"})
    CHECK_MESSAGE(recorder.matches(good), good);
  for (const char* bad : {"a, b, c", "a, b#2, c", "a, b#4-, c", "a, b#0-2, c", "a, b?, c", "a, b+", "b+, c", "..., b", "*#4", "a, b+, x, c"})
    CHECK_FALSE_MESSAGE(recorder.matches(bad), bad);
}

TEST_CASE("braces take siblings in any order") {
  Recorder recorder;
  for (const char* name : {"a", "b", "a", "c"}) finish(name);
  for (const char* good : {"{c, b, a, a}", "{c, b, a#2}", "{c, a+, b}", "{*, a, a, b}", "{c, ..., b}", "{d?, c, b, a+}", "{*#2, b, *}"})
    CHECK_MESSAGE(recorder.matches(good), good);
  for (const char* bad : {"{a, b, c}", "{a, a, b, c, d}", "{a+, b}", "{a, a, a, *}", "{a#3-, b, c}", "{b?, b, a}"})
    CHECK_FALSE_MESSAGE(recorder.matches(bad), bad);
  recorder.clear();
  serve();
  CHECK(recorder.matches("request{notify!, query{row+}, auth}"));
  CHECK(recorder.matches("request(..., query(...), ...)"));
}

TEST_CASE("what differs is told with the trees, and where in them") {
  Recorder recorder;
  serve();
  CHECK(why_not(recorder, "request(auth, query(row, column), notify!)") ==
        "this span was not wanted; instead of it: column\n"
        "wanted: request(auth, query(row, column), notify!)\n"
        "recorded:\n"
        "request\n"
        "  auth\n"
        "  query\n"
        "    row\n"
        "    row  <-- here\n"
        "  notify !\n");
  const auto told = [&](std::string_view pattern) {
    const std::string text = why_not(recorder, pattern);
    const std::size_t arrow = text.find("  <-- here");
    const std::size_t begin = arrow == std::string::npos ? arrow : text.rfind('\n', arrow) + 1;
    return first_line(text) + (arrow == std::string::npos ? "" : " @" + text.substr(begin, arrow - begin));
  };
  CHECK(told("request(auth, query(row, row, row), notify!)") == "there is no row below this span @  query");
  CHECK(told("request(auth, query(row), notify!)") == "this span was not wanted, nor any other behind it @    row");
  CHECK(told("request(auth, query[rows=3](...), notify!)") == "wanted query[rows=3](...), but this span has the tag rows=2 @  query");
  CHECK(told("request(auth, query[user](...), notify!)") == "wanted query[user](...), but this span has no tag user @  query");
  CHECK(told("request(auth, query(...), notify)") == "wanted notify, but this span has an error @  notify !");
  CHECK(told("request(auth!, ...)") == "wanted auth!, but this span has no error @  auth");
  CHECK(told("request(auth, log?, cache?, notify!)") == "this span was not wanted; instead of it: log? or cache? or notify! @  query");
  CHECK(told("request{notify!, auth, query(row)}") == "this span was not wanted, nor any other behind it @    row");
  CHECK(told("request{notify!, auth, query(...), log}") == "there is no log below this span @request");
  CHECK(told("request(...), response") == "there is no response");
}

TEST_CASE("a deep tree that differs at its end is told quickly") {
  Recorder recorder;
  std::string pattern = "leaf";
  {
    std::vector<jtrace::ActiveSpan> open;
    for (int i = 0; i < 60; ++i) {
      open.push_back(jtrace::start_active_span("node"));
      pattern = "node(" + pattern + ")";
    }
    while (!open.empty()) open.pop_back();
  }
  CHECK(first_line(why_not(recorder, pattern)) == "there is no leaf below this span");
}

TEST_CASE("test frameworks print what differs") {
  Recorder recorder;
  std::ostringstream text;
  text << recorder.matches("") << "; " << recorder.matches("a");
  CHECK(text.str() == "they match; there is no a\nwanted: a\nrecorded:\n(nothing)\n");
}

TEST_CASE("a pattern that is none is an error that says where") {
  Recorder recorder;
  const auto error = [&](const char* pattern) -> std::string {
    try {
      (void)recorder.matches(pattern);
      return "";
    } catch (const std::invalid_argument& thrown) {
      return thrown.what();
    }
  };
  CHECK(error("a(b") == "this is no pattern of spans: \"a(b\": at character 4 there should be a comma or ')'");
  for (const char* bad : {",", "a,", "a()b", "a b", "(a)", "a[", "a[]", "a[k=]", "a[k=v", "a#", "a#x", "a#3-2", "\"a", "{a", "{}", "a(,)",
                          "a)", "a??", "{a}, b"})
    CHECK_MESSAGE(error(bad) != "", bad);
}

TEST_CASE("what a tracer delivers is kept in memory, after the hook, for its test") {
  const auto delivered = std::make_shared<InMemoryReporter>();
  const auto redact = jtrace::on_finish([](jtrace::EditableSpan& span) {
    if (span.operation_name() == "health") span.drop();
    span.remove_tag("password");
  });
  const auto tracer = jtrace::make_tracer({.service_name = "orders", .reporters = {delivered}, .finish_hook = redact});
  REQUIRE(tracer);
  {
    auto order = tracer->start_active_span("order", {.kind = jtrace::Kind::server});
    order->set_tag("password", "x").set_tag("text", "\xff").set_tag("bytes", jtrace::bytes("\0\1", 2)).log("paid", {{"amount", 12.5}});
    { auto pay = tracer->start_active_span("pay"); }
    tracer->start_span("health").finish();
  }
  REQUIRE(tracer->flush(30s));
  CHECK(delivered->tree() == "order\n  pay\n");
  CHECK(delivered->matches("order[span.kind=server, sampler.type=const, !password, text=\xef\xbf\xbd](pay)"));
  CHECK(delivered->span("order").has_tag("bytes", jtrace::bytes("\0\1", 2)));
  CHECK(delivered->span("order").logs.at(0).field("amount")->as_double() == 12.5);
  CHECK(delivered->span("pay").parent == delivered->span("order").context.span_id());
  CHECK(delivered->span("pay").context.is_sampled());
  CHECK(delivered->span("pay").references.at(0).is_child_of);
  CHECK_THROWS_WITH_AS((void)delivered->span("health"), "no span \"health\" was recorded; there is:\norder\n  pay\n", std::out_of_range);
  const auto kept = delivered->span("order");
  delivered->clear();
  CHECK(delivered->spans().empty());
  CHECK(kept.tag("text")->as_text() == "\xef\xbf\xbd");
  CHECK(tracer->close(30s));
}
