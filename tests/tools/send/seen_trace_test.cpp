// tools/jtrace-send/seen_trace.h: both JSON forms of a trace are read, and what differs from what was sent is
// named.
#include "seen_trace.h"

#include <doctest/doctest.h>

#include <string>

#include "answers.h"

using namespace jtrace_send;

namespace {

SeenTrace whole() {
  return *read_v3(otlp_answer()).trace;
}

SeenSpan& span(SeenTrace& trace, const char* name) {
  for (SeenSpan& one : trace.spans) {
    if (one.name == name) return one;
  }
  FAIL("no such span");
  return trace.spans.front();
}

}  // namespace

TEST_CASE("a whole trace is recognised in both forms") {
  for (const LookUp& found : {read_v3(otlp_answer()), read_ui(ui_answer())}) {
    CHECK(found.is_answer);
    REQUIRE(found.trace.has_value());
    CHECK(found.trace->spans.size() == 6);
    CHECK(difference(*found.trace, false, true) == "");
  }
}

TEST_CASE("error marks are recognised in both forms") {
  for (const LookUp& found : {read_v3(otlp_answer({.fails = true})), read_ui(ui_answer({.fails = true}))}) {
    REQUIRE(found.trace.has_value());
    CHECK(difference(*found.trace, true, true) == "");
    CHECK(difference(*found.trace, false, true) == "spider is marked as an error");
    CHECK(difference(*found.trace, false, false) == "");
  }
}

TEST_CASE("an error mark as a plain attribute counts, too") {
  const LookUp found = read_v3(
      R"({"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"1","name":"a","attributes":[{"key":"error","value":{"boolValue":true}}]}]}]}]}})");
  REQUIRE(found.trace.has_value());
  CHECK(found.trace->spans[0].is_error);
}

TEST_CASE("a missing error mark is named") {
  CHECK(difference(whole(), true, true) == "spider has no error mark");
}

TEST_CASE("a missing span is named") {
  SeenTrace trace = whole();
  span(trace, "to_db").name = "other";
  CHECK(difference(trace, false, true) == "the span to_db is missing");
}

TEST_CASE("a span under the wrong parent is named") {
  SeenTrace trace = whole();
  span(trace, "make_sql").parent = span(trace, "spider").id;
  CHECK(difference(trace, false, true) == "make_sql is not a child of insert");
  trace = whole();
  span(trace, "spider").parent = "77";
  CHECK(difference(trace, false, true) == "spider is not the root");
}

TEST_CASE("a span that was stored twice is no difference, one too many is") {
  SeenTrace trace = whole();
  trace.spans.push_back(trace.spans[2]);
  CHECK(difference(trace, false, true) == "");
  trace.spans.push_back({"99", trace.spans[0].id, "stranger", false});
  CHECK(difference(trace, false, true) == "there are 7 spans instead of 6");
}

TEST_CASE("a parent id that says none, in hex or base64, makes a root") {
  for (const char* none : {"", "0000000000000000", "AAAAAAAAAAA="}) {
    const std::string body =
        R"({"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"1","parentSpanId":")" +
        std::string(none) + R"(","name":"a"}]}]}]}})";
    const LookUp found = read_v3(body);
    REQUIRE(found.trace.has_value());
    CHECK(found.trace->spans[0].parent == "");
  }
}

TEST_CASE("not found is an answer without a trace") {
  for (const LookUp& found :
       {read_v3(R"({"error":{"httpCode":404,"message":"No traces found"}})"),
        read_ui(R"({"data":null,"total":0,"errors":[{"code":404,"msg":"trace not found"}]})")}) {
    CHECK(found.is_answer);
    CHECK_FALSE(found.trace.has_value());
  }
}

TEST_CASE("a page, nothing, and JSON of another shape are no answers") {
  for (const char* body : {"", "404 page not found", "<!DOCTYPE html><html>", "[]", "1", "null", "{}",
                           R"({"result":[]})", R"({"result":)", "\xff\xfe"}) {
    CAPTURE(body);
    CHECK_FALSE(read_v3(body).is_answer);
    CHECK_FALSE(read_ui(body).is_answer);
  }
}

TEST_CASE("values of unexpected types are left out instead of trusted") {
  CHECK_FALSE(read_v3(R"({"result":{"resourceSpans":{"a":1}}})").trace.has_value());
  CHECK_FALSE(
      read_v3(R"({"result":{"resourceSpans":[1,{"scopeSpans":[null,{"spans":"x"}]}]}})").trace.has_value());
  CHECK_FALSE(read_ui(R"({"data":[5,{"spans":{"a":1}}]})").trace.has_value());
  const LookUp odd = read_ui(
      R"({"data":[{"spans":[{"spanID":1,"operationName":[],"references":[3],"tags":[{"key":4}]}, 9]}]})");
  REQUIRE(odd.trace.has_value());
  CHECK(odd.trace->spans.size() == 2);
  CHECK(difference(*odd.trace, false, true) == "the span spider is missing");
}
