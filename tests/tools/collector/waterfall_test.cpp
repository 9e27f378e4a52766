// Covers tools/jtrace-collector/tree.h, paint.h and waterfall.h: the order of spans and the picture in the terminal.
#include "waterfall.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "samples.h"
#include "text.h"
#include "tree.h"

using namespace jtrace::collector;
using samples::kStart;
using samples::SpanSample;

namespace {

// A tree as indented names: "root\n  child\n".
std::string outline(const Trace& trace) {
  std::string text;
  for (const Row& row : make_tree(trace).rows) {
    text += std::string(2 * row.depth, ' ') + (row.is_orphan ? "?" : "") + row.span->operation + "\n";
  }
  return text;
}

Trace crawl() {
  Trace trace = samples::to_trace({
      {.id = 1, .name = "spider", .duration = 20'000},
      {.id = 2, .parent = 1, .name = "download", .duration = 10'000, .tags = {{"http.status_code", std::int64_t{200}}}},
      {.id = 4, .parent = 1, .name = "insert", .after = 10'000, .duration = 10'000, .tags = {{"error", true}},
       .logs = {{kStart + 15'000, {{"event", "error"}, {"message", "no answer"}}}}},
  });
  trace.spans.push_back(samples::to_span({.id = 5, .parent = 4, .name = "写入", .after = 15'000, .duration = 2'500}, "db"));
  return trace;
}

std::string without_time(std::string picture) {
  const auto begin = picture.find("2020-09-1");  // the 13th, or the 14th in the east
  return picture.replace(begin, std::string("2020-09-13 12:26:40.000").size(), "TIME");
}

std::size_t widest_line(const std::string& picture) {
  std::istringstream lines(picture);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns(line));
  return widest;
}

}  // namespace

TEST_CASE("children stand below their parents, by their start") {
  CHECK(outline(samples::to_trace({{.id = 1, .name = "root"},
                                   {.id = 2, .parent = 1, .name = "first"},
                                   {.id = 3, .parent = 2, .name = "deep"},
                                   {.id = 4, .parent = 1, .name = "second"}})) ==
        "root\n  first\n    deep\n  second\n");
}

TEST_CASE("a span whose parent is missing stands at the top, marked") {
  CHECK(outline(samples::to_trace({{.id = 1, .parent = 99, .name = "lost"}, {.id = 2, .parent = 1, .name = "child"}})) ==
        "?lost\n  child\n");
}

TEST_CASE("spans that are each other's parents are all shown, once") {
  CHECK(outline(samples::to_trace({{.id = 1, .parent = 2, .name = "a"},
                                   {.id = 2, .parent = 1, .name = "b"},
                                   {.id = 3, .parent = 3, .name = "self"}})) == "?self\n?a\n  b\n");
}

TEST_CASE("a span that follows from another hangs below it when it is no child of any") {
  CHECK(outline(samples::to_trace({{.id = 1, .name = "a"}, {.id = 2, .name = "b", .references = {{true, {0, 0xabc}, 1}}}})) ==
        "a\n  b\n");
}

TEST_CASE("a trace of a hundred thousand generations is no trouble") {
  std::vector<SpanSample> spans;
  for (std::uint64_t id = 1; id <= 100'000; ++id) spans.push_back({.id = id, .parent = id - 1});
  const Trace trace = samples::to_trace(spans);
  CHECK(make_tree(trace).rows.back().depth == 99'999);
  CHECK(draw_waterfall(trace, {}).size() < 100'000);
}

TEST_CASE("times at the ends of what 64 bits hold do not overflow") {
  Trace trace = samples::to_trace({{.id = 1}, {.id = 2}});
  auto early = std::make_shared<Span>(*trace.spans[0]);
  early->start = INT64_MIN;
  auto late = std::make_shared<Span>(*trace.spans[1]);
  late->start = INT64_MAX;
  late->duration = INT64_MAX;
  trace.spans = {early, late};
  CHECK(make_tree(trace).length == UINT64_MAX);
  CHECK_FALSE(draw_waterfall(trace, {}).empty());
}

TEST_CASE("the waterfall in Unicode") {
  CHECK(without_time(draw_waterfall(crawl(), {.width = 80, .link = "http://host/trace/abc"})) ==
        "Trace 0000000000000abc\n"
        "  4 spans · 2 services · 1 error · 20.0 ms · TIME\n"
        "http://host/trace/abc\n"
        "                             0        6.67 ms          13.3 ms          20.0 ms\n"
        "  spider  svc       20.0 ms  ██████████████████████████████████████████████████\n"
        "  ├─ download       10.0 ms  █████████████████████████\n"
        "  │     http.status_code=200\n"
        "  └─ insert ✗       10.0 ms                           █████████████████████████\n"
        "     │  · 15.0 ms  event=error  message=\"no answer\"\n"
        "     └─ 写入  db    2.50 ms                                       ▐█████▊\n"
        "\n");
}

TEST_CASE("the waterfall in ASCII") {
  CHECK(without_time(draw_waterfall(crawl(), {.ascii = true, .width = 80})) ==
        "Trace 0000000000000abc\n"
        "  4 spans - 2 services - 1 error - 20.0 ms - TIME\n"
        "                             0        6.67 ms          13.3 ms          20.0 ms\n"
        "  spider  svc       20.0 ms  ==================================================\n"
        "  |- download       10.0 ms  =========================\n"
        "  |     http.status_code=200\n"
        "  `- insert !       10.0 ms                           =========================\n"
        "     |  - 15.0 ms  event=error  message=\"no answer\"\n"
        "     `- 写入  db    2.50 ms                                       =======\n"
        "\n");
}

TEST_CASE("without colours there is no escape, with colours errors are red") {
  CHECK(draw_waterfall(crawl(), {}).find('\x1b') == std::string::npos);
  const std::string coloured = draw_waterfall(crawl(), {.colours = true});
  CHECK(coloured.find("\x1b[1;31minsert ✗") != std::string::npos);
}

TEST_CASE("colours change nothing but the colours") {
  std::string coloured = draw_waterfall(crawl(), {.colours = true});
  for (auto at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  CHECK(coloured == draw_waterfall(crawl(), {}));
}

TEST_CASE("the heading takes one line where it has room") {
  CHECK(without_time(draw_waterfall(crawl(), {.width = 100}))
            .starts_with("Trace 0000000000000abc · 4 spans · 2 services · 1 error · 20.0 ms · TIME\n"));
}

TEST_CASE("no line is wider than the terminal, whatever the names are") {
  std::vector<SpanSample> spans;
  for (std::uint64_t id = 1; id <= 60; ++id) {
    spans.push_back({.id = id, .parent = id - 1, .name = std::string(id, 'n') + "测试应用名称", .tags = {{"k", std::string(500, 'v')}}});
  }
  for (std::size_t width : {60, 80, 133, 200}) {
    CHECK(widest_line(draw_waterfall(samples::to_trace(spans), {.width = width})) < width);
  }
}

TEST_CASE("names cannot act on the terminal") {
  const Trace trace = samples::to_trace({{.name = "a\x1b]0;owned\x07", .tags = {{"k\x1b[2J", "v\nx"}}}}, "s\x1b[31m");
  const std::string picture = draw_waterfall(trace, {});
  CHECK(picture.find('\x1b') == std::string::npos);
  CHECK(picture.find("a\\x1b]0;owned\\x07") != std::string::npos);
  CHECK(picture.find("k\\x1b[2J=v\\nx") != std::string::npos);
}

TEST_CASE("a large trace is drawn in part and says so") {
  std::vector<SpanSample> spans;
  for (std::uint64_t id = 1; id <= 250; ++id) spans.push_back({.id = id});
  CHECK(draw_waterfall(samples::to_trace(spans), {}).find("… 50 more spans") != std::string::npos);
}

TEST_CASE("a trace of no length is drawn too") {
  CHECK(draw_waterfall(samples::to_trace({{.duration = 0}}), {}).find("▏") != std::string::npos);
}
