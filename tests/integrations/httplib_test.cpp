// jtrace/integrations/httplib.h: a real server, asked by its own client and by another one.
#include "jtrace/integrations/httplib.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "jtrace/testing.h"
#include "support/black_hole.h"

namespace {

using jtrace::testing::RecordedSpan;

// Listens once its routes are set; the spans of its handlers are there once it has gone, or stop() was called.
template <class Server = jtrace::HttplibServer>
struct Site {
  void listen() {
    port = server.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  void stop() {
    if (!thread.joinable()) return;
    server.stop();
    thread.join();
  }
  ~Site() { stop(); }
  std::string url(const std::string& path = "") const { return "http://127.0.0.1:" + std::to_string(port) + path; }

  Server server;
  int port = 0;
  std::thread thread;
};

struct Fixture {
  httplib::Result get(const std::string& path) {
    site.listen();
    httplib::Client client(site.url());
    httplib::Result result = client.Get(path);
    site.stop();
    return result;
  }
  const RecordedSpan& only_span() {
    REQUIRE(recorder.spans().size() == 1);
    return recorder.spans()[0];
  }
  jtrace::testing::Recorder recorder;
  Site<> site;
};

// A call that would go untraced does not compile.
template <class Client>
concept GetsInParts = requires(Client& client, httplib::ContentReceiver receiver) { client.Get("/", receiver); };
static_assert(GetsInParts<httplib::Client> && !GetsInParts<jtrace::HttplibClient>);

// What a reader of the carrier sees of its only header.
std::string seen(const std::string& name, const std::string& value) {
  std::string all;
  const httplib::Headers headers{{name, value}};
  jtrace::HttplibHeaders(headers).visit([&](std::string_view, std::string_view its_value) { all += its_value; });
  return all;
}

std::string repeated(const std::string& part, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += part;
  return all;
}

void say_yes(const httplib::Request&, httplib::Response& response) { response.set_content("yes", "text/plain"); }

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is a span of kind server, named by its method and the route's pattern") {
  site.server.Get("/orders/(\\d+)", say_yes);
  const auto result = get("/orders/17?full=1");
  REQUIRE(result);
  CHECK(result->body == "yes");
  const RecordedSpan& span = only_span();
  CHECK(span.name == "GET /orders/(\\d+)");
  CHECK(span.has_tag("span.kind", "server"));
  CHECK(span.has_tag("component", "cpp-httplib"));
  CHECK(span.has_tag("http.method", "GET"));
  CHECK(span.has_tag("http.url", site.url("/orders/17?full=1")));
  CHECK(span.has_tag("http.status_code", 200));
  CHECK(span.tag("peer.address")->as_text().starts_with("127.0.0.1:"));
  CHECK_FALSE(span.is_error());
  CHECK_FALSE(span.parent.is_valid());
}

TEST_CASE_FIXTURE(Fixture, "a client's span is the parent of the server's, which is that of what the handler starts") {
  site.server.Get("/a", [](const httplib::Request&, httplib::Response&) { auto query = jtrace::start_active_span("query"); });
  site.listen();
  {
    auto order = jtrace::start_active_span("order");
    jtrace::HttplibClient client(site.url());
    REQUIRE(client.Get("/a"));
  }
  site.stop();
  CHECK(recorder.tree() == "order\n  HTTP GET\n    GET /a\n      query\n");
  const RecordedSpan& call = recorder.span("HTTP GET");
  CHECK(call.has_tag("span.kind", "client"));
  CHECK(call.has_tag("http.url", site.url("/a")));
  CHECK(call.has_tag("http.status_code", 200));
}

TEST_CASE_FIXTURE(Fixture, "a handler reaches its span, as the active one or as its last argument") {
  site.server.Get("/active", [](const httplib::Request&, httplib::Response&) { jtrace::active_span().set_tag("mine", 1); });
  site.server.Post("/given", [](const httplib::Request&, httplib::Response&, jtrace::Span& span) { span.set_tag("mine", 2); });
  site.listen();
  httplib::Client client(site.url());
  client.Get("/active");
  client.Post("/given", "x", "text/plain");
  site.stop();
  CHECK(recorder.span("GET /active").has_tag("mine", 1));
  CHECK(recorder.span("POST /given").has_tag("mine", 2));
}

TEST_CASE_FIXTURE(Fixture, "every verb is traced, also of handlers that read the body themselves") {
  const auto read_all = [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    std::string body;
    reader([&](const char* part, std::size_t size) {
      body.append(part, size);
      return true;
    });
    response.set_content(body, "text/plain");
  };
  site.server.Get("/", say_yes).Post("/", read_all).Put("/", read_all).Patch("/", say_yes).Delete("/", say_yes).Options("/", say_yes);
  site.server.Post("/given", [](const httplib::Request&, httplib::Response&, const httplib::ContentReader& reader, jtrace::Span& span) {
    reader([](const char*, std::size_t) { return true; });
    span.set_tag("mine", 1);
  });
  site.listen();
  {
    jtrace::HttplibClient client("127.0.0.1", site.port);
    CHECK(client.Get("/"));
    CHECK(client.Head("/"));
    CHECK(client.Post("/", "sent", "text/plain")->body == "sent");
    CHECK(client.Put("/", {{"X-One", "1"}}, "sent", "text/plain")->body == "sent");
    CHECK(client.Patch("/", "sent", "text/plain"));
    CHECK(client.Delete("/"));
    CHECK(client.Options("/"));
    CHECK(client.Post("/given", "sent", "text/plain"));
  }
  site.stop();
  CHECK(recorder.tree() ==
        "HTTP GET\n  GET /\nHTTP HEAD\n  HEAD /\nHTTP POST\n  POST /\nHTTP PUT\n  PUT /\nHTTP PATCH\n  PATCH /\n"
        "HTTP DELETE\n  DELETE /\nHTTP OPTIONS\n  OPTIONS /\nHTTP POST\n  POST /given\n");
  CHECK(recorder.span("POST /given").has_tag("mine", 1));
}

TEST_CASE_FIXTURE(Fixture, "status 500 and above are errors on both sides, others are none") {
  site.server.Get("/(\\d+)", [](const httplib::Request& request, httplib::Response& response) { response.status = std::stoi(request.matches[1]); });
  site.listen();
  jtrace::HttplibClient client(site.url());
  client.Get("/404");
  client.Get("/503");
  site.stop();
  CHECK(recorder.tree() == "HTTP GET\n  GET /(\\d+)\nHTTP GET !\n  GET /(\\d+) !\n");
}

TEST_CASE_FIXTURE(Fixture, "an exception out of a handler marks the span, is answered with 500, and the server goes on") {
  site.server.Get("/", [](const httplib::Request&, httplib::Response&) { throw std::runtime_error("no stock"); });
  const auto result = get("/");
  REQUIRE(result);
  CHECK(result->status == 500);
  CHECK(only_span().is_error());
  CHECK(only_span().has_tag("http.status_code", 500));
  REQUIRE(only_span().logs.size() == 1);
  CHECK(only_span().logs[0].field("message")->as_text() == "no stock");
  CHECK(only_span().logs[0].field("error.kind")->as_text() == "std::runtime_error");
}

TEST_CASE_FIXTURE(Fixture, "a server's exception handler runs within the span, and its status is the span's") {
  site.server.Get("/", [](const httplib::Request&, httplib::Response&) { throw std::invalid_argument("id"); });
  site.server.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
    jtrace::active_span().set_tag("handled", true);
    response.status = 400;
  });
  const auto result = get("/");
  REQUIRE(result);
  CHECK(result->status == 400);
  CHECK(only_span().has_tag("http.status_code", 400));
  CHECK(only_span().has_tag("handled", true));
  CHECK(only_span().is_error());
}

TEST_CASE_FIXTURE(Fixture, "a request that no route takes has no span") {
  site.server.Get("/a", say_yes);
  CHECK(get("/b")->status == 404);
  CHECK(recorder.spans().empty());
}

TEST_CASE_FIXTURE(Fixture, "a request without an answer is an error that says why") {
  jtrace::HttplibClient client(support::refusing_endpoint().substr(0, support::refusing_endpoint().rfind("/api")));
  CHECK_FALSE(client.Get("/"));
  CHECK(recorder.tree() == "HTTP GET !\n");
  CHECK(only_span().logs[0].field("message")->as_text() == httplib::to_string(httplib::Error::Connection));
}

TEST_CASE_FIXTURE(Fixture, "user and password are in no tag of a client") {
  for (const char* server : {"http://robin:secret@localhost:9", "robin:secret@localhost:9"}) {
    recorder.clear();
    static_cast<void>(jtrace::HttplibClient(server).Get("/a"));  // which cpp-httplib does not understand
    CHECK(only_span().has_tag("http.url", "http://localhost:9/a"));
  }
}

TEST_CASE_FIXTURE(Fixture, "a request of one's own is sent as it is, and its receiver runs within the span") {
  site.server.Get("/", say_yes);
  site.listen();
  {
    jtrace::HttplibClient client(site.url());
    httplib::Request request;
    request.method = "GET";
    request.path = "/";
    request.content_receiver = [](const char*, std::size_t, std::uint64_t, std::uint64_t) {
      auto part = jtrace::start_active_span("part");
      return true;
    };
    CHECK(client.send(request));
  }
  site.stop();
  CHECK(recorder.span("part").parent == recorder.span("HTTP GET").context.span_id());
}

TEST_CASE_FIXTURE(Fixture, "baggage arrives as it was sent, whatever is in it, though cpp-httplib decodes headers itself") {
  const std::string values[] = {"a b+c/\u00fc", " 50%20off, \\\"now\"; = ", "100%", "+", ""};
  std::vector<std::string> found;
  site.server.Get("/a", [&](const httplib::Request&, httplib::Response&, jtrace::Span& span) {
    const jtrace::SpanContext context = span.context();
    for (std::size_t i = 0; i < std::size(values); ++i) found.emplace_back(context.baggage_item("key" + std::to_string(i)));
  });
  site.listen();
  {
    auto order = jtrace::start_active_span("order");
    for (std::size_t i = 0; i < std::size(values); ++i) order->set_baggage_item("key" + std::to_string(i), values[i]);
    CHECK(jtrace::HttplibClient(site.url()).Get("/a"));
  }
  site.stop();
  CHECK(found == std::vector<std::string>(std::begin(values), std::end(values)));
}

TEST_CASE("the headers of a request are read as they were sent, by hand, too") {
  const httplib::Headers headers{{"uber-trace-id", "1:2:0:1"}, {"uberctx-user", "a b+c"}, {"jaeger-debug-id", "a+b"}};
  const jtrace::SpanContext found = jtrace::extract(jtrace::HttplibHeaders(headers));
  CHECK(found.trace_id().low == 1);
  CHECK(found.baggage_item("user") == "a b+c");
}

TEST_CASE_FIXTURE(Fixture, "a debug id arrives as at any other server, where a '+' is a blank and an encoded '%' is one") {
  site.server.Get("/", say_yes);
  site.listen();
  httplib::Client client(site.url());
  for (const char* sent : {"50%2520off", "a+b", "100%", "%20caf%C3%A9 (2)%09"}) {
    CAPTURE(sent);
    recorder.clear();
    CHECK(client.Get("/", {{"Jaeger-Debug-Id", sent}}));
    static_cast<void>(jtrace::start_span("elsewhere", {.child_of = jtrace::extract(httplib::Headers{{"jaeger-debug-id", sent}})}));
    const RecordedSpan &here = recorder.span("GET /"), &elsewhere = recorder.span("elsewhere");
    REQUIRE(elsewhere.tag("jaeger-debug-id"));
    REQUIRE(here.tag("jaeger-debug-id"));
    CHECK(here.tag("jaeger-debug-id")->as_text() == elsewhere.tag("jaeger-debug-id")->as_text());
  }
}

TEST_CASE("a debug id by another name is decoded once, too, but a '+' in it is a plus") {
  const auto tracer = jtrace::make_tracer({.service_name = "shop", .endpoint = support::refusing_endpoint(), .debug_id_header = "x-debug"});
  REQUIRE(tracer);
  const httplib::Headers headers{{"X-Debug", "50%20off+"}};
  const jtrace::SpanContext found = tracer->extract(jtrace::HttplibHeaders(headers));
  CHECK(found.baggage_item("jaeger-debug-id") == "50%20off+");
  tracer->close(std::chrono::seconds(0));
}

TEST_CASE("only what its reader would decode is encoded again; other headers pass without a copy") {
  const httplib::Headers headers{{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) caf\xc3\xa9"}, {"Cookie", "a=1; b=\"2\""},
                                 {"traceparent", "00-00000000000000000000000000000001-0000000000000002-01"},
                                 {"TraceState", "a=50%25+1"}, {"uberctx-user", "a b"}};
  jtrace::HttplibHeaders(headers).visit([&](std::string_view name, std::string_view value) {
    CAPTURE(name);
    CHECK(value.data() == headers.find(std::string(name))->second.data());
  });
  CHECK(seen("uberctx-user", "50%20off + \xc3\xbc") == "50%2520off %2B \xc3\xbc");
}

TEST_CASE("in the W3C's baggage a run of blanks is encoded as a whole, unless a delimiter stands before or behind it") {
  const std::string run(8000, ' '), encoded = repeated("%20", run.size());
  CHECK(seen("baggage", run) == encoded);
  CHECK(seen("Baggage", run + "a=b") == encoded + "a=b");
  CHECK(seen("baggage", "a=b" + run) == "a=b" + encoded);
  CHECK(seen("baggage", "a=b" + run + "c,d=e") == "a=b" + encoded + "c,d=e");
  for (const std::string delimiter : {"=", ",", ";"}) {
    CHECK(seen("baggage", "a" + run + delimiter + "b") == "a" + run + delimiter + "b");
    CHECK(seen("baggage", "a" + delimiter + run + "b") == "a" + delimiter + run + "b");
    CHECK(seen("baggage", run + delimiter + run) == run + delimiter + run);
  }
  CHECK(seen("baggage", "a=b\t c \t,d=\"%+\\") == "a=b%09%20c \t,d=%22%25%2B%5C");
  CHECK(seen("baggage", "a = b = c ; d = e = f , g = h") == "a = b%20=%20c ; d = e%20=%20f , g = h");
  CHECK(seen("baggage", "").empty());
}

TEST_CASE("a route of a server that is somebody else's is traced by its handler") {
  jtrace::testing::Recorder recorder;
  Site<httplib::Server> site;
  site.server.Get("/a", jtrace::traced_handler("/a", say_yes));
  site.server.Post("/b", jtrace::traced_handler("/b", [](const httplib::Request&, httplib::Response&, const httplib::ContentReader& reader) {
                     reader([](const char*, std::size_t) { return true; });
                   }));
  site.listen();
  httplib::Client client(site.url());
  CHECK(client.Get("/a"));
  CHECK(client.Post("/b", "x", "text/plain"));
  site.stop();
  CHECK(recorder.tree() == "GET /a\nPOST /b\n");
}

TEST_CASE("with tracing off server and client work as ever") {
  Site<> site;
  site.server.Get("/", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.has_header("traceparent") ? "traced" : "untraced", "text/plain");
  });
  site.listen();
  jtrace::HttplibClient client(site.url());
  CHECK(client.Get("/")->body == "untraced");
}
