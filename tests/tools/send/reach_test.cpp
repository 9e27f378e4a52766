// Every way to a collector as an option of the real jtrace-send: the first look and the spans take it alike, and no secret
// is printed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/process.h"
#include "support/tls_front.h"

namespace {

using support::Authority;
using support::HttpServer;
using support::Outcome;

Outcome send(std::vector<std::string> arguments, const support::Variables& variables = {}) {
  arguments.insert(arguments.begin(), JTRACE_SEND);
  return support::run(std::move(arguments), variables);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The first look and the spans: each request has this header.
void every_request_has(const HttpServer& server, const char* header, const std::string& value) {
  CHECK(server.requests().size() >= 2);
  for (const support::Request& request : server.requests()) {
    CHECK(request.count(header) == 1);
    CHECK(request.header(header) == value);
  }
}

}  // namespace

TEST_CASE("an authority, a client's certificate and another server name, as options and as variables") {
  Authority authority;
  HttpServer server;
  const support::TlsFront front(server, authority.issue({.dns = {"collector.example"}}), &authority);
  const support::CertificateFiles own = authority.issue({.name = "a client"});
  const std::string endpoint = front.url("127.0.0.1");
  const Outcome by_options =
      send({"-e", endpoint, "--tls-ca", authority.file(), "--tls-cert", own.cert, "--tls-key", own.key,
            "--tls-server-name", "collector.example"});
  INFO(by_options.describe());
  CHECK(by_options.exit_code == 0);
  const Outcome by_variables = send({"-e", endpoint}, {{"JAEGER_TLS_CA", authority.file()},
                                                       {"JAEGER_TLS_CERT", own.cert},
                                                       {"JAEGER_TLS_KEY", own.key},
                                                       {"JAEGER_TLS_SERVER_NAME", "collector.example"}});
  INFO(by_variables.describe());
  CHECK(by_variables.exit_code == 0);
  CHECK(support::spans_of(server).size() == 12);
  every_request_has(server, "Host", "127.0.0.1:" + std::to_string(front.port()));
}

TEST_CASE("a certificate that is not trusted exits with 3 and tells of --tls-ca; --tls-skip-verify goes past it") {
  Authority authority;
  HttpServer server;
  const support::TlsFront front(server, authority.issue({.ips = {"127.0.0.1"}}));
  const Outcome refused = send({"-e", front.url("127.0.0.1")});
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "--tls-ca FILE"));
  CHECK(server.requests().empty());
  const Outcome blind = send({"-e", front.url("127.0.0.1"), "--tls-skip-verify"});
  INFO(blind.describe());
  CHECK(blind.exit_code == 0);
}

TEST_CASE("a login and headers go with the first look as with the spans") {
  HttpServer basic, bearer;
  CHECK(send({"-e", basic.endpoint(), "--user", "user"}, {{"JAEGER_PASSWORD", "secret"}}).exit_code == 0);
  every_request_has(basic, "Authorization", "Basic dXNlcjpzZWNyZXQ=");
  CHECK(send({"-e", bearer.endpoint(), "--auth-token", "abc.def", "--header", "X-Tenant=one", "--header", "x-other=a,b"},
             {{"JTRACE_HEADERS", "X-Other=2, X-Third = 3 "}})
            .exit_code == 0);
  every_request_has(bearer, "Authorization", "Bearer abc.def");
  every_request_has(bearer, "X-Tenant", "one");
  every_request_has(bearer, "X-Other", "a,b");
  every_request_has(bearer, "X-Third", "3");
}

TEST_CASE("the login of a collector is not sent to the query API") {
  HttpServer collector, query;
  send({"-e", collector.endpoint(), "--auth-token", "abc.def", "--header", "X-Key=secret", "--verify",
        query.url(""), "--timeout", "200ms"});
  REQUIRE(query.requests().size() >= 1);
  CHECK(query.requests()[0].count("Authorization") == 0);
  CHECK(query.requests()[0].count("X-Key") == 0);
}

TEST_CASE("a proxy, a unix socket and gzip, as options") {
  HttpServer proxy;
  CHECK(send({"-e", "http://collector.invalid", "--proxy", proxy.host_and_port()}).exit_code == 0);
  CHECK(proxy.requests().at(0).target == "http://collector.invalid/api/traces");
  CHECK(proxy.requests().at(1).target == "http://collector.invalid/api/traces");

  const Authority folder;
  HttpServer server;
  const std::string path = folder.path("collector.sock");
  const support::Relay relay(server.port(), support::plain_wire, path);
  const Outcome there = send({"-e", "unix:" + path});
  INFO(there.describe());
  CHECK(there.exit_code == 0);
  CHECK(support::spans_of(server).size() == 6);
  const Outcome packed = send({"-e", "unix:" + path, "--compression", "gzip"});
  const bool is_built_in = !contains(packed.err, "without zlib");
  CHECK(packed.exit_code == (is_built_in ? 0 : 2));
  if (is_built_in) CHECK(server.requests().back().header("Content-Encoding") == "gzip");
  const Outcome nobody = send({"-e", "unix:" + path + ".gone"});
  CHECK(nobody.exit_code == 3);
  CHECK(contains(nobody.err, path + ".gone"));
}

TEST_CASE("what the library refuses exits with 2, and shows no secret") {
  HttpServer server;
  const Outcome both = send({"-e", server.endpoint(), "--user", "u", "--password", "secret", "--auth-token", "secret"});
  CHECK(both.exit_code == 2);
  CHECK(contains(both.err, "auth.user and auth.token"));
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"--tls-ca", "/nowhere/ca.pem"}, {"--header", "a b=secret"}, {"--header", "secret"},
           {"--proxy", "ftp://user:secret@h"}, {"--compression", "zip"}, {"--auth-token", "Bearer secret"}}) {
    CAPTURE(wrong[0]);
    auto arguments = wrong;
    arguments.insert(arguments.begin(), {"-e", server.endpoint()});
    const Outcome refused = send(arguments);
    CHECK(refused.exit_code == 2);
    CHECK_FALSE(contains(both.err + refused.err, "secret"));
  }
  CHECK(server.connections() == 0);
}
