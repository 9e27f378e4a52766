// examples/single_span, nested_spans and spider, the tutorial's three programs: each makes a real request to a web server, and its
// trace is at the collector when it has ended, without a sleep at its end.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "support/http_server.h"
#include "support/process.h"
#include "tree.h"

namespace {

constexpr std::int64_t kShortestWork = 100'000;  // microseconds

struct WebSite {
  WebSite() { server.answers({.status = 200, .body = "<html>welcome</html>", .headers = {}}); }
  std::string url() const { return server.url("/index.html"); }
  bool was_asked_once() const {
    return server.requests().size() == 1 && server.requests()[0].method == "GET" && server.requests()[0].target == "/index.html";
  }
  support::HttpServer server;
};

}  // namespace

TEST_CASE("single_span sends one span, under the tutorial's name of the service") {
  const WebSite site;
  const examples::Run run = examples::run({EXAMPLE_SINGLE_SPAN, site.url()});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(site.was_asked_once());
  CHECK(run.service == "测试应用名称");
  CHECK(examples::tree_of(run.spans) == "get\n");
  REQUIRE(run.spans[0].tag("http.status_code"));
  CHECK(run.spans[0].tag("http.status_code")->integer == 200);
}

TEST_CASE("nested_spans sends a span with two children, of which the second has worked") {
  const WebSite site;
  const examples::Run run = examples::run({EXAMPLE_NESTED_SPANS, site.url()});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(site.was_asked_once());
  CHECK(examples::tree_of(run.spans) == "spider\n  get\n  parser\n");
  CHECK(support::find_span(run.spans, "parser").duration >= kShortestWork);
}

TEST_CASE("spider sends the tutorial's tree, and says which trace that is") {
  const WebSite site;
  const examples::Run run = examples::run({EXAMPLE_SPIDER, site.url()});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(site.was_asked_once());
  CHECK(examples::tree_of(run.spans) == "spider\n  download\n  parser\n  insert\n    make_sql\n    to_db\n");
  CHECK(support::find_span(run.spans, "download").text("http.url") == site.url());
  CHECK(support::find_span(run.spans, "parser").tag("bytes")->integer == 20);
  for (const char* worked : {"parser", "make_sql", "to_db"}) CHECK(support::find_span(run.spans, worked).duration >= kShortestWork);
  CHECK(run.outcome.out.starts_with("trace "));
}

TEST_CASE("a page that cannot be had is said, marks the spans around it, and ends the program with 1") {
  const examples::Run run = examples::run({EXAMPLE_SPIDER, "http://127.0.0.1:9/"});
  INFO(run.outcome.describe());
  CHECK(run.outcome.exit_code == 1);
  CHECK(run.outcome.err.find("http://127.0.0.1:9/") != std::string::npos);
  CHECK(examples::tree_of(run.spans) == "spider !\n  download !\n");
}

TEST_CASE("they work as well when tracing is off") {
  const WebSite site;
  const support::Outcome outcome = support::run({EXAMPLE_SINGLE_SPAN, site.url()});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.err.empty());
}
