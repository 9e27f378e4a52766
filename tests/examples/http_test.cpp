// examples/http_server and http_client: two processes, one trace; and the server's way to be exercised from outside.
#include <curl/curl.h>
#include <doctest/doctest.h>

#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/process.h"
#include "tree.h"

namespace {

// The server, from its first line to SIGTERM.
struct Site {
  support::Variables variables() const { return {{"JAEGER_ENDPOINT", collector.endpoint()}}; }
  support::Outcome stop() {
    server.send_signal(SIGTERM);
    return server.wait();
  }
  // The answer to a POST that is no part of any trace, unless the headers say so.
  std::string post(const std::string& path, const char* body, const std::vector<std::string>& headers = {}) const {
    std::string answer;
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
    curl_slist* list = nullptr;
    for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
    const auto keep = +[](char* part, std::size_t, std::size_t size, void* to) {
      static_cast<std::string*>(to)->append(part, size);
      return size;
    };
    curl_easy_setopt(handle.get(), CURLOPT_URL, (url + path).c_str());
    curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(handle.get());
    curl_slist_free_all(list);
    CHECK(code == CURLE_OK);
    return answer;
  }

  support::HttpServer collector;
  support::Process server{{EXAMPLE_HTTP_SERVER}, variables()};
  const std::string url = server.read_line();
};

std::vector<std::string> processes_of(const support::HttpServer& collector, const std::string& span) {
  std::vector<std::string> services;
  for (const auto& request : collector.requests()) {
    const support::SentBatch batch = support::decode_batch(request.body);
    for (const auto& sent : batch.spans) {
      if (sent.name == span) services.push_back(batch.service);
    }
  }
  return services;
}

constexpr const char* kTraceId = "0af7651916cd43dd8448eb211c80319c";

}  // namespace

TEST_CASE("client and server send one trace from two processes") {
  Site site;
  const support::Outcome client = support::run({EXAMPLE_HTTP_CLIENT, site.url}, site.variables());
  INFO(client.describe());
  CHECK(client.succeeded());
  CHECK(client.out == "hello\n170\n");
  const support::Outcome server = site.stop();
  INFO(server.describe());
  CHECK(server.succeeded());
  CHECK(server.err == "");

  const auto spans = support::spans_of(site.collector);
  CHECK(examples::tree_of(spans) ==
        "visit\n"
        "  HTTP GET\n"
        "    GET /\n"
        "  HTTP GET\n"
        "    GET /orders/(\\d{1,6})\n"
        "      price_of\n");
  for (const auto& span : spans) CHECK(span.trace_id_low == spans[0].trace_id_low);
  CHECK(processes_of(site.collector, "visit") == std::vector<std::string>{"http_client"});
  CHECK(processes_of(site.collector, "GET /") == std::vector<std::string>{"http_server"});
}

TEST_CASE("the endpoint for tests calls each url in turn, with its arguments as the body, and the trace goes on") {
  Site site;
  support::HttpServer harness({.status = 200, .body = "", .headers = {}});
  const std::string body = "[{\"url\":\"" + harness.url("/first?a=1") + "\",\"arguments\":[{\"url\":\"u\",\"arguments\":[]}]}," +
                           "{\"url\":\"" + harness.url("/second") + "\",\"arguments\":[]}]";
  const std::string context = "traceparent: 00-" + std::string(kTraceId) + "-b7ad6b7169203331-01";
  CHECK(site.post("/test", body.c_str(), {context, "tracestate: foo=1"}) == "[\"200\",\"200\"]\n");
  site.stop();

  const auto requests = harness.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].target == "/first?a=1");
  CHECK(requests[0].body == "[{\"arguments\":[],\"url\":\"u\"}]");
  CHECK(requests[1].target == "/second");
  CHECK(requests[1].body == "[]");
  for (const auto& request : requests) {
    CHECK(request.count("traceparent") == 1);
    CHECK(request.header("traceparent").starts_with("00-" + std::string(kTraceId) + "-"));
    CHECK(request.header("tracestate") == "foo=1");
  }
  CHECK(requests[0].header("traceparent") != requests[1].header("traceparent"));
  const auto spans = support::spans_of(site.collector);
  REQUIRE(spans.size() == 3);
  CHECK(support::find_span(spans, "POST /test").parent_span_id == 0xb7ad6b7169203331);
  CHECK(support::find_span(spans, "HTTP POST").parent_span_id == support::find_span(spans, "POST /test").span_id);
}

// What the W3C's own suite asks (see docs/integrations.md), one by one.
TEST_CASE("exercised from outside it does as the W3C wants: a valid traceparent goes on, an invalid one is as none") {
  const std::string id = kTraceId;
  const std::string span = "b7ad6b7169203331";
  const std::string rest = id + "-" + span + "-01";
  struct {
    std::string what;
    std::vector<std::string> headers;
    bool goes_on;
  } const cases[] = {
      {"none", {}, false},
      {"as it should be", {"traceparent: 00-" + rest}, true},
      {"capitals in its name", {"TraceParent: 00-" + rest}, true},
      {"nothing but capitals in its name", {"TRACEPARENT: 00-" + rest}, true},
      {"a dash in its name", {"trace-parent: 00-" + rest}, false},
      {"a dot in its name", {"trace.parent: 00-" + rest}, false},
      {"twice", {"traceparent: 00-" + rest, "traceparent: 00-" + rest}, false},
      {"blanks around it", {"traceparent:\t 00-" + rest + " \t"}, true},
      {"a dot behind version 0", {"traceparent: 00-" + rest + "."}, false},
      {"more than version 0 has", {"traceparent: 00-" + rest + "-more"}, false},
      {"a dash behind version 0", {"traceparent: 00-" + rest + "-"}, false},
      {"a version to come", {"traceparent: cc-" + rest}, true},
      {"more in a version to come", {"traceparent: cc-" + rest + "-more"}, true},
      {"more without a dash in a version to come", {"traceparent: cc-" + rest + ".more"}, false},
      {"no version", {"traceparent: ff-" + rest}, false},
      {"a version that is no number", {"traceparent: .0-" + rest}, false},
      {"a version that ends in a dot", {"traceparent: 0.-" + rest}, false},
      {"a version too long", {"traceparent: 000-" + rest}, false},
      {"a version too short", {"traceparent: 0-" + rest}, false},
      {"capitals in its id", {"traceparent: 00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01"}, false},
      {"a trace id of zeros", {"traceparent: 00-" + std::string(32, '0') + "-" + span + "-01"}, false},
      {"a trace id that is no number", {"traceparent: 00-." + id.substr(1) + "-" + span + "-01"}, false},
      {"a trace id too long", {"traceparent: 00-" + id + "3-" + span + "-01"}, false},
      {"a trace id too short", {"traceparent: 00-" + id.substr(1) + "-" + span + "-01"}, false},
      {"a parent of zeros", {"traceparent: 00-" + id + "-0000000000000000-01"}, false},
      {"a parent that is no number", {"traceparent: 00-" + id + "-" + span.substr(1) + ".-01"}, false},
      {"a parent too long", {"traceparent: 00-" + id + "-" + span + "7-01"}, false},
      {"a parent too short", {"traceparent: 00-" + id + "-" + span.substr(1) + "-01"}, false},
      {"flags that are none", {"traceparent: 00-" + id + "-" + span + "-.0"}, false},
      {"flags that end in a dot", {"traceparent: 00-" + id + "-" + span + "-0."}, false},
      {"flags too long", {"traceparent: 00-" + id + "-" + span + "-001"}, false},
      {"flags too short", {"traceparent: 00-" + id + "-" + span + "-1"}, false},
  };
  Site site;
  support::HttpServer harness({.status = 200, .body = "", .headers = {}});
  const std::string body = "[{\"url\":\"" + harness.url("/") + "\"}]";
  for (const auto& one : cases) {
    CAPTURE(one.what);
    CHECK(site.post("/test", body.c_str(), one.headers) == "[\"200\"]\n");
    const support::Request called = harness.requests().back();
    CHECK(called.count("traceparent") == 1);
    CHECK(called.header("traceparent").size() == 55);
    CHECK(called.header("traceparent").starts_with("00-" + id + "-") == one.goes_on);
    CHECK_FALSE(called.header("traceparent").substr(0, 52).ends_with(span));
  }
  for (const char* flags : {"00", "01", "02", "03"}) {
    site.post("/test", body.c_str(), {"traceparent: 00-" + id + "-" + span + "-" + flags});
    CHECK(harness.requests().back().header("traceparent").ends_with(flags));
  }
}

TEST_CASE("exercised from outside it does as the W3C wants: a tracestate goes on as it came, or not at all") {
  const std::string good = "traceparent: 00-" + std::string(kTraceId) + "-b7ad6b7169203331-00";
  std::string most = "k1=1";
  for (int i = 2; i <= 32; ++i) most += ",k" + std::to_string(i) + "=1";
  const std::string value = " !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  struct {
    std::vector<std::string> headers;
    std::string goes_on;
  } const cases[] = {
      {{"tracestate: foo=1"}, ""},
      {{good, "tracestate: foo=1,bar=2"}, "foo=1,bar=2"},
      {{good, "trace-state: foo=1"}, ""},
      {{good, "trace.state: foo=1"}, ""},
      {{good, "TraceState: foo=1"}, "foo=1"},
      {{good, "TRACESTATE: foo=1"}, "foo=1"},
      {{good, "tracestate;"}, ""},
      {{good, "tracestate: foo=1", "tracestate;"}, "foo=1"},
      {{good, "tracestate;", "tracestate: foo=1"}, "foo=1"},
      {{good, "tracestate: foo=1,bar=2", "TraceState: rojo=1,congo=2", "tracestate: baz=3"}, "foo=1,bar=2,rojo=1,congo=2,baz=3"},
      {{good, "tracestate: foo=1,foo=2"}, "foo=1,foo=2"},
      {{good, "tracestate: foo=1", "tracestate: foo=2"}, "foo=1,foo=2"},
      {{good, "tracestate: az09_-*/@az09_-*/=" + value}, "az09_-*/@az09_-*/=" + value},
      {{good, "tracestate:\t foo=1 \t , \t bar=2, \t baz=3 \t"}, "foo=1,bar=2,baz=3"},
      {{good, "tracestate: foo =1"}, ""},
      {{good, "tracestate: FOO=1"}, ""},
      {{good, "tracestate: foo.bar=1"}, ""},
      {{good, "tracestate: @foo=1,bar=2"}, ""},
      {{good, "tracestate: foo@bar@baz=1,bar=2"}, "foo@bar@baz=1,bar=2"},  // a key since level 2
      {{good, "tracestate: " + most}, most},
      {{good, "tracestate: " + most, "tracestate: k33=1"}, ""},
      {{good, "tracestate: foo=1", "tracestate: " + std::string(256, 'z') + "=1"}, "foo=1," + std::string(256, 'z') + "=1"},
      {{good, "tracestate: foo=1", "tracestate: " + std::string(257, 'z') + "=1"}, ""},
      {{good, "tracestate: foo=bar=baz"}, ""},
      {{good, "tracestate: foo=,bar=3"}, ""},
  };
  Site site;
  support::HttpServer harness({.status = 200, .body = "", .headers = {}});
  const std::string body = "[{\"url\":\"" + harness.url("/") + "\"}]";
  for (const auto& one : cases) {
    CAPTURE(one.headers.back());
    site.post("/test", body.c_str(), one.headers);
    const support::Request called = harness.requests().back();
    CHECK(called.count("tracestate") == (one.goes_on.empty() ? 0 : 1));
    CHECK(called.header("tracestate") == one.goes_on);
    CHECK(called.header("traceparent").starts_with("00-" + std::string(kTraceId) + "-") == (one.headers[0] == good));
  }
}

TEST_CASE("baggage goes on as it came, whatever is in it") {
  Site site;
  support::HttpServer harness({.status = 200, .body = "", .headers = {}});
  const std::string body = "[{\"url\":\"" + harness.url("/") + "\"}]";
  site.post("/test", body.c_str(), {"uber-trace-id: 1:2:0:1", "uberctx-user: a%20b%2Bc%2F%C3%BC", "uberctx-odd: 50%2520off"});
  CHECK(harness.requests().back().header("uberctx-user") == "a%20b%2Bc%2F%C3%BC");
  CHECK(harness.requests().back().header("uberctx-odd") == "50%2520off");
  const std::string good = "traceparent: 00-" + std::string(kTraceId) + "-b7ad6b7169203331-01";
  site.post("/test", body.c_str(), {good, "baggage: user=a%20b%2Bc%2F%C3%BC , odd = 50%2520off%22"});
  const std::string written = harness.requests().back().header("baggage");
  CHECK(written.find("user=a%20b%2Bc%2F%C3%BC") != std::string::npos);
  CHECK(written.find("odd=50%2520off%22") != std::string::npos);
}

TEST_CASE("what is no list is refused, and a url that cannot be reached is said") {
  Site site;
  CHECK(site.post("/test", "{") == "not a JSON list of {url, arguments}\n");
  CHECK(site.post("/test", "[{\"url\":\"http://127.0.0.1:9/\"},{},7]").ends_with(",\"no url\",\"no url\"]\n"));
  CHECK(site.stop().succeeded());
}

TEST_CASE("a port that is taken is said, and a client without its argument too") {
  const support::HttpServer taken;
  const support::Outcome server = support::run({EXAMPLE_HTTP_SERVER, std::to_string(taken.port())});
  CHECK(server.exit_code == 1);
  CHECK(server.err == "http_server: cannot listen on port " + std::to_string(taken.port()) + "\n");
  CHECK(support::run({EXAMPLE_HTTP_CLIENT}).exit_code == 1);
}
