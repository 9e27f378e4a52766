// Reaching the collector: TLS with an authority of one's own, client certificates, logins, headers, proxies, unix sockets,
// gzip, over real sockets; and that no secret gets into a line or an error on the way.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/read_settings.h"
#include "jtrace/jtrace.h"
#include "support/environment.h"
#include "support/http_server.h"
#include "support/log_capture.h"
#include "support/tls_front.h"
#include "transport/http_transport.h"

namespace {

using support::Answer;
using support::Authority;
using support::ConnectProxy;
using support::Environment;
using support::HttpServer;
using support::LogCapture;
using support::Relay;
using support::TlsFront;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kSoon = 30s;

// What became of one span, and what the library said meanwhile.
struct Sent {
  jtrace::Stats stats;
  std::string lines;
  bool is_acknowledged() const { return stats.acknowledged == 1; }
};

Sent send_one(jtrace::Config config) {
  const LogCapture log(jtrace::LogLevel::debug);
  const Environment no_second_attempt("JTRACE_MAX_RETRY_TIME", "0");
  config.service_name = "reach";
  config.flush_interval = 1h;
  auto made = jtrace::make_tracer(config);
  INFO(made.error().message());
  REQUIRE(made.has_value());
  made->start_span("it").finish();
  CHECK(made->flush(kSoon));
  made->close(2s);
  const jtrace::Stats stats = made->stats();
  CHECK(stats.is_balanced());
  return {stats, log.text()};
}

// What the transport says of one POST that fails. The log has it too, but not more than once a minute.
std::string trouble_of(const jtrace::Config& config) {
  const jtrace::detail::ConfigEntries entries(config);
  const auto read = jtrace::detail::read_settings(jtrace::detail::views_of(entries.list()));
  REQUIRE(read.error.message() == "");
  jtrace::detail::HttpTransport transport(read.settings);
  transport.submit("a batch");
  while (transport.poll(), transport.trouble().empty()) transport.wait(-1, 1'000'000'000);
  return transport.trouble();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// An authority, and a server that has a certificate by it for localhost and 127.0.0.1.
struct TrustedServer {
  Authority authority;
  HttpServer server;
  TlsFront front{server, authority.issue({.dns = {"localhost"}, .ips = {"127.0.0.1"}})};

  std::string endpoint() const { return front.url("127.0.0.1"); }
};

Answer status(int code, std::string body = "", support::Headers headers = {}) {
  return {.status = code, .body = std::move(body), .headers = std::move(headers)};
}

}  // namespace

TEST_CASE("a collector whose certificate is by an authority of one's own is trusted where tls.ca names it") {
  const TrustedServer there;
  CHECK(send_one({.endpoint = there.endpoint(), .tls = {.ca = there.authority.file()}}).is_acknowledged());
  CHECK(there.server.requests().at(0).target == "/api/traces");
  const Environment ca("JAEGER_TLS_CA", there.authority.file().c_str());
  CHECK(send_one({.endpoint = there.endpoint()}).is_acknowledged());
}

TEST_CASE("without its authority a collector is refused, and gets neither a span nor a login") {
  const TrustedServer there;
  const Sent sent = send_one({.endpoint = there.endpoint(), .auth = {.token = "t0ken"}});
  CHECK(sent.stats.failures.unreachable == 1);
  CHECK(has(trouble_of({.endpoint = there.endpoint()}), "certificate"));
  CHECK(there.server.requests().empty());

  const Authority other;
  CHECK(send_one({.endpoint = there.endpoint(), .tls = {.ca = other.file()}}).stats.failures.unreachable == 1);
  CHECK(there.server.requests().empty());
}

TEST_CASE("a certificate for another host is refused, and tls.server_name says whom it must name") {
  Authority authority;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.dns = {"collector.example"}}));
  const std::string endpoint = front.url("127.0.0.1");
  const Sent wrong = send_one({.endpoint = endpoint, .tls = {.ca = authority.file()}});
  CHECK(wrong.stats.failures.unreachable == 1);
  CHECK(has(trouble_of({.endpoint = endpoint, .tls = {.ca = authority.file()}}), "127.0.0.1"));
  CHECK(server.requests().empty());

  CHECK(send_one({.endpoint = endpoint, .tls = {.ca = authority.file(), .server_name = "collector.example"}})
            .is_acknowledged());
  CHECK(front.asked_name() == "collector.example");
  CHECK(server.requests().at(0).count("Host") == 1);
  CHECK(server.requests().at(0).header("Host") == "127.0.0.1:" + std::to_string(front.port()));

  CHECK(send_one({.endpoint = endpoint, .tls = {.ca = authority.file(), .server_name = "other.example"}})
            .stats.failures.unreachable == 1);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an expired certificate is refused") {
  Authority authority;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.ips = {"127.0.0.1"}, .is_expired = true}));
  const Sent sent = send_one({.endpoint = front.url("127.0.0.1"), .tls = {.ca = authority.file()}});
  CHECK(sent.stats.failures.unreachable == 1);
  CHECK(has(trouble_of({.endpoint = front.url("127.0.0.1"), .tls = {.ca = authority.file()}}), "expired"));
  CHECK(server.requests().empty());
}

TEST_CASE("a collector that asks for a client's certificate gets it, with its key beside it or in the same file") {
  Authority authority;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.ips = {"127.0.0.1"}}), &authority);
  const std::string endpoint = front.url("127.0.0.1");
  const support::CertificateFiles own = authority.issue({.name = "a client"});

  CHECK(send_one({.endpoint = endpoint, .tls = {.ca = authority.file()}}).stats.failed() == 1);
  CHECK(server.requests().empty());
  CHECK(send_one({.endpoint = endpoint, .tls = {.ca = authority.file(), .cert = own.cert, .key = own.key}})
            .is_acknowledged());

  const std::string both = authority.path("both.pem");
  std::ofstream(both) << std::ifstream(own.cert).rdbuf() << std::ifstream(own.key).rdbuf();
  CHECK(send_one({.endpoint = endpoint, .tls = {.ca = authority.file(), .cert = both}}).is_acknowledged());
  const Environment ca("JAEGER_TLS_CA", authority.file().c_str());
  const Environment cert("JAEGER_TLS_CERT", own.cert.c_str());
  const Environment key("JAEGER_TLS_KEY", own.key.c_str());
  CHECK(send_one({.endpoint = endpoint}).is_acknowledged());
}

TEST_CASE("a client's certificate by another authority does not open the door") {
  Authority authority, other;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.ips = {"127.0.0.1"}}), &authority);
  const support::CertificateFiles own = other.issue({.name = "a stranger"});
  const Sent sent = send_one(
      {.endpoint = front.url("127.0.0.1"), .tls = {.ca = authority.file(), .cert = own.cert, .key = own.key}});
  CHECK(sent.stats.failed() == 1);
  CHECK(server.requests().empty());
}

TEST_CASE("tls.skip_verify believes everyone, and a line warns of it") {
  Authority authority;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.dns = {"other.example"}, .is_expired = true}));
  const Sent sent = send_one({.endpoint = front.url("127.0.0.1"), .tls = {.skip_verify = true}});
  CHECK(sent.is_acknowledged());
  INFO(sent.lines);
  CHECK(has(sent.lines, "tls.skip_verify is set"));
  CHECK_FALSE(has(send_one({.endpoint = server.endpoint(), .tls = {.skip_verify = false}}).lines, "tls"));
}

TEST_CASE("settings of tls beside an endpoint without it: a line says that they have no effect") {
  const Authority authority;
  const HttpServer server;
  const Sent sent = send_one({.endpoint = server.endpoint(), .tls = {.ca = authority.file()}});
  CHECK(sent.is_acknowledged());
  CHECK(has(sent.lines, "the settings of tls have no effect"));
}

TEST_CASE("a handshake that stalls ends by the time-out for connections, and flush and close keep theirs") {
  const HttpServer deaf({}, HttpServer::Family::ipv4, HttpServer::Reading::never);
  const std::string endpoint = "https://" + deaf.host_and_port();
  const Sent sent = send_one({.endpoint = endpoint, .connect_timeout = 100ms, .request_timeout = 1min});
  CHECK(sent.stats.failures.timeout == 1);

  // A busy machine wakes a thread late now and then; a library that waits too long does so every time. So one of ten
  // attempts has to be right, and none may be early.
  const LogCapture log;
  bool flush_is_right = false, close_is_right = false;
  for (int i = 0; i < 10 && !(flush_is_right && close_is_right); ++i) {
    auto made = jtrace::make_tracer({.endpoint = endpoint, .flush_interval = 1h, .connect_timeout = 1min});
    REQUIRE(made.has_value());
    made->start_span("it").finish();
    const auto begin = Clock::now();
    CHECK_FALSE(made->flush(200ms));
    const auto flushed = Clock::now();
    CHECK(flushed - begin >= 200ms);
    flush_is_right |= flushed - begin <= 240ms;
    CHECK_FALSE(made->close(200ms));
    close_is_right |= Clock::now() - flushed <= 240ms;
    const jtrace::Stats stats = made->stats();
    CHECK(stats.failures.aborted + stats.queued == 1);  // queued: on a busy machine the worker gives up a moment later
  }
  CHECK(flush_is_right);
  CHECK(close_is_right);
}

TEST_CASE("user and password are basic auth, a token is bearer, and the settings beat what the endpoint has") {
  const HttpServer server;
  const auto authorization_of = [&](const jtrace::Config& config) {
    CHECK(send_one(config).is_acknowledged());
    CHECK(server.requests().back().count("Authorization") == 1);
    return server.requests().back().header("Authorization");
  };
  CHECK(authorization_of({.endpoint = server.endpoint(), .auth = {.user = "user", .password = "secret"}}) ==
        "Basic dXNlcjpzZWNyZXQ=");
  CHECK(authorization_of({.endpoint = server.endpoint(), .auth = {.token = "abc.def"}}) == "Bearer abc.def");
  CHECK(authorization_of({.endpoint = "http://a:b@" + server.host_and_port(),
                          .auth = {.user = "user", .password = "secret"}}) == "Basic dXNlcjpzZWNyZXQ=");
  const Environment endpoint("JAEGER_ENDPOINT", server.endpoint().c_str());
  {
    const Environment user("JAEGER_USER", "user"), password("JAEGER_PASSWORD", "secret");
    CHECK(authorization_of({}) == "Basic dXNlcjpzZWNyZXQ=");
  }
  const Environment token("JAEGER_AUTH_TOKEN", "abc.def\n");  // as it comes out of a file
  CHECK(authorization_of({}) == "Bearer abc.def");
}

TEST_CASE("extra headers are sent with every batch, those from code in the place of those from the environment") {
  const HttpServer server;
  const Environment headers("JTRACE_HEADERS", "X-Tenant=one, x-empty= ,X-Equation=a=b,");
  CHECK(send_one({.endpoint = server.endpoint(), .headers = {{"x-tenant", "two, or three"}, {"Host", "h.example"}}})
            .is_acknowledged());
  const support::Request request = server.requests().at(0);
  CHECK(request.count("X-Tenant") == 1);
  CHECK(request.header("X-Tenant") == "two, or three");
  CHECK(request.count("X-Empty") == 1);
  CHECK(request.header("X-Empty") == "");
  CHECK(request.header("X-Equation") == "a=b");
  CHECK(request.header("Host") == "h.example");
  CHECK(request.count("Host") == 1);
  CHECK(request.header("Content-Type") == "application/x-thrift");
}

TEST_CASE("a proxy gets http batches with their whole address, and its own login") {
  const HttpServer proxy;  // what it is asked for is what a proxy would fetch
  const Sent sent = send_one({.endpoint = "http://user:secret@collector.invalid:14268/api/traces",
                              .proxy = "http://proxy-user:proxy-secret@" + proxy.host_and_port()});
  CHECK(sent.is_acknowledged());
  const support::Request request = proxy.requests().at(0);
  CHECK(request.target == "http://collector.invalid:14268/api/traces");
  CHECK(request.header("Authorization") == "Basic dXNlcjpzZWNyZXQ=");
  CHECK(request.header("Proxy-Authorization") == "Basic cHJveHktdXNlcjpwcm94eS1zZWNyZXQ=");
}

TEST_CASE("the usual variables name a proxy, no_proxy and JTRACE_PROXY=none keep batches out of it") {
  const HttpServer proxy, server;
  const Environment variable("http_proxy", proxy.host_and_port().c_str());
  CHECK(send_one({.endpoint = "http://collector.invalid/api/traces"}).is_acknowledged());
  CHECK(proxy.requests().size() == 1);
  {
    const Environment except("no_proxy", "127.0.0.1");
    CHECK(send_one({.endpoint = server.endpoint()}).is_acknowledged());
    // Said for jtrace alone, a proxy has no exceptions.
    CHECK(send_one({.endpoint = server.endpoint(), .proxy = proxy.host_and_port()}).is_acknowledged());
  }
  CHECK(proxy.requests().size() == 2);
  const Environment none("JTRACE_PROXY", "none");
  CHECK(send_one({.endpoint = server.endpoint()}).is_acknowledged());
  CHECK(proxy.requests().size() == 2);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("the variables of a proxy are read when the tracer is made, and not again") {
  const LogCapture log;
  const HttpServer proxy, server;
  auto made = jtrace::make_tracer({.endpoint = server.endpoint(), .flush_interval = 1h});
  REQUIRE(made.has_value());
  const Environment variable("http_proxy", proxy.host_and_port().c_str());
  made->start_span("it").finish();
  CHECK(made->flush(kSoon));
  CHECK(made->close(kSoon));
  CHECK(server.requests().size() == 1);
  CHECK(proxy.requests().empty());
}

TEST_CASE("https goes through a proxy by CONNECT, which sees neither the login nor the headers") {
  Authority authority;
  const HttpServer server;
  const TlsFront front(server, authority.issue({.dns = {"collector.invalid"}}));
  const ConnectProxy proxy(front.port());
  const Sent sent = send_one({.endpoint = "https://collector.invalid:4443/api/traces",
                              .tls = {.ca = authority.file()},
                              .auth = {.token = "t0ken"},
                              .headers = {{"X-Key", "headersecret"}},
                              .proxy = proxy.url("proxy-user:proxy-secret@")});
  INFO(sent.lines);
  CHECK(sent.is_acknowledged());
  const std::string heads = proxy.heads();
  INFO(heads);
  CHECK(heads.starts_with("CONNECT collector.invalid:4443 "));
  CHECK(has(heads, "Proxy-Authorization: Basic cHJveHktdXNlcjpwcm94eS1zZWNyZXQ="));
  CHECK_FALSE(has(heads, "t0ken"));
  CHECK_FALSE(has(heads, "headersecret"));
  CHECK(server.requests().at(0).header("Authorization") == "Bearer t0ken");
  CHECK(server.requests().at(0).count("Proxy-Authorization") == 0);
}

TEST_CASE("a proxy that refuses fails spans, and its password is in no line") {
  const HttpServer server;
  const ConnectProxy proxy(server.port(), "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
  const jtrace::Config refused{.endpoint = "https://collector.invalid",
                               .proxy = proxy.url("proxy-user:proxy-secret@")};
  CHECK(send_one(refused).stats.failures.unreachable == 1);
  CHECK(has(trouble_of(refused), "407"));
  CHECK_FALSE(has(trouble_of(refused), "proxy-secret"));
  const std::string unknown =
      trouble_of({.endpoint = "http://127.0.0.1:1", .proxy = "http://proxy-user:proxy-secret@proxy.invalid:3128"});
  CHECK(has(unknown, "proxy.invalid"));
  CHECK_FALSE(has(unknown, "proxy-secret"));
}

TEST_CASE("batches go over a unix socket, with the usual path or one of its own, and past every proxy") {
  const Authority folder;
  const HttpServer server;
  const std::string path = folder.path("collector.sock");
  const Relay relay(server.port(), support::plain_wire, path);
  const Environment proxy("http_proxy", "http://127.0.0.1:1");
  CHECK(send_one({.endpoint = "unix:" + path}).is_acknowledged());
  CHECK(send_one({.endpoint = "unix:" + path + ":/x?y=1"}).is_acknowledged());
  CHECK(send_one({.endpoint = "unix://" + path, .proxy = "http://127.0.0.1:1"}).is_acknowledged());
  CHECK(server.requests().at(0).target == "/api/traces");
  CHECK(server.requests().at(0).header("Host") == "localhost");
  CHECK(server.requests().at(1).target == "/x?y=1");
  CHECK(relay.connections() >= 3);

  CHECK(send_one({.endpoint = "unix:" + path + ".gone"}).stats.failures.unreachable == 1);
  CHECK(has(trouble_of({.endpoint = "unix:" + path + ".gone"}), "unix:" + path + ".gone"));
}

TEST_CASE("a redirect is an answer like others, and nobody is asked again") {
  const HttpServer elsewhere;
  for (const int code : {301, 302, 307, 308}) {
    const HttpServer server(status(code, "", {{"Location", elsewhere.endpoint()}}));
    const Sent sent = send_one({.endpoint = server.endpoint(), .auth = {.user = "user", .password = "secret"}});
    CHECK(sent.stats.failures.rejected == 1);
    CHECK(server.requests().size() == 1);
  }
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("what a server says back about a login or a header is shown without them") {
  const HttpServer server(status(403, "no: Basic dXNlcjpzZWNyZXQ= user:secret k3y-of-mine token=query-s3cret"));
  const std::string trouble = trouble_of({.endpoint = server.endpoint() + "?token=query-s3cret",
                                          .auth = {.user = "user", .password = "secret"},
                                          .headers = {{"X-Key", "k3y-of-mine"}}});
  CHECK(trouble == server.endpoint() + "?… answered 403: no: Basic *** user:*** *** ***");

  const HttpServer bearer(status(401, "bad token t0ken-of-mine"));
  CHECK(trouble_of({.endpoint = bearer.endpoint(), .auth = {.token = "t0ken-of-mine"}}) ==
        bearer.endpoint() + " answered 401: bad token ***");
}
