// How a program ends that traces to a collector behind https: its last spans are sent before OpenSSL is taken down.
#include <doctest/doctest.h>

#include <string>

#include "program.h"
#include "support/batch.h"
#include "support/http_server.h"
#include "support/tls_front.h"

namespace {

using support::Answer;
using support::Authority;
using support::HttpServer;
using support::Outcome;
using support::TlsFront;

struct Collector {
  explicit Collector(const Answer& answer = {}) : server(answer) {}
  Outcome run(const std::string& scenario) const {
    return lifecycle::run_to(front.url("127.0.0.1"), scenario, {{"JAEGER_TLS_CA", authority.file()}});
  }

  Authority authority;
  HttpServer server;
  TlsFront front{server, authority.issue({.dns = {"localhost"}, .ips = {"127.0.0.1"}})};
};

}  // namespace

TEST_CASE("what was finished is sent by https at every orderly exit") {
  for (const std::string scenario :
       {"returns from main", "calls exit", "calls quick_exit", "exits from another thread"}) {
    CAPTURE(scenario);
    const Collector collector;
    const Outcome outcome = collector.run(scenario);
    INFO(outcome.describe());
    CHECK(outcome.succeeded());
    CHECK(outcome.err.empty());
    CHECK(support::spans_of(collector.server).size() == (scenario == "returns from main" ? 4u : 3u));
  }
}

TEST_CASE("by https, too, spans after the exit flush and threads that trace on harm nobody") {
  for (const std::string scenario : {"finishes in static destructors", "finishes in an exit handler older than the library",
                                     "returns while threads trace"}) {
    CAPTURE(scenario);
    const Collector collector;
    const Outcome outcome = collector.run(scenario);
    INFO(outcome.describe());
    CHECK(outcome.succeeded());
    CHECK(support::spans_of(collector.server).size() >= 3);
  }
}

TEST_CASE("an exit by https waits for a silent collector no longer than its deadline") {
  const Collector collector({.body = {}, .headers = {}, .manner = Answer::Manner::never});
  const Outcome outcome = collector.run("exits with a short deadline");
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.took < std::chrono::seconds(5));
}
