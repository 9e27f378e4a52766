// The global tracer of a program that leaves everything to its environment: off by default, never in the way.
#include <doctest/doctest.h>

#include <string>

#include "program.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/http_server.h"

namespace {

using lifecycle::run;
using lifecycle::run_to;
using support::HttpServer;
using support::Outcome;

std::size_t lines(const std::string& text) {
  std::size_t n = 0;
  for (const char c : text) n += c == '\n';
  return n;
}

// On, one span sent, nothing said.
void check_on(const Outcome& outcome) {
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("enabled") == 1);
  CHECK(outcome.number("acknowledged") == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
}

// Off, and the program runs.
void check_off(const Outcome& outcome) {
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("enabled") == 0);
  CHECK(outcome.number("valid") == 0);
  CHECK(outcome.number("lazy calls") == 0);
  CHECK(outcome.number("finished") == 0);
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.out.empty());
}

}  // namespace

TEST_CASE("an endpoint in the environment is all a program needs") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "traces by environment");
  check_on(outcome);
  CHECK(outcome.number("128 bits") == 1);
  const auto batch = support::decode_batch(server.requests().at(0).body);
  CHECK(batch.service == "lifecycle-program");  // the program's own name
  CHECK(batch.spans.at(0).name == "it");
}

TEST_CASE("without an endpoint tracing is off and silent") {
  const Outcome outcome = run("traces by environment");
  check_off(outcome);
  CHECK(outcome.err.empty());
  const Outcome empty = run_to("", "traces by environment");
  check_off(empty);
  CHECK(empty.err.empty());
}

TEST_CASE("JAEGER_DISABLED switches off, silently") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "traces by environment", {{"JAEGER_DISABLED", "true"}});
  check_off(outcome);
  CHECK(outcome.err.empty());
  CHECK(server.connections() == 0);
}

TEST_CASE(
    "a bad value is said once, with variable, value and what is allowed; tracing stays off and the program "
    "runs") {
  const HttpServer server;
  const struct {
    std::string variable, value, allowed;
  } cases[] = {
      {"JAEGER_ENDPOINT", "ftp://h", "http"},
      {"JAEGER_SAMPLER_TYPE", "sometimes", "probabilistic"},
      {"JAEGER_SAMPLER_PARAM", "often", "1"},
      {"JAEGER_REPORTER_FLUSH_INTERVAL", "soon", "ms"},
      {"JAEGER_REPORTER_MAX_QUEUE_SIZE", "many", "MiB"},
      {"JAEGER_DISABLED", "maybe", "true"},
      {"JAEGER_TRACEID_128BIT", "wide", "true"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.variable);
    support::Variables variables{{"JAEGER_ENDPOINT", server.endpoint()}};
    variables[bad.variable] = bad.value;
    for (const std::string scenario : {"traces by environment", "first use by many threads"}) {
      const Outcome outcome = run(scenario, variables);
      INFO(outcome.describe());
      CHECK(outcome.succeeded());
      CHECK(outcome.number("enabled") == 0);
      CHECK(outcome.number("finished") == 0);
      CHECK(outcome.out.empty());
      CHECK(lines(outcome.err) == 1);
      CHECK(outcome.err.find(bad.variable) != std::string::npos);
      CHECK(outcome.err.find(bad.value) != std::string::npos);
      CHECK(outcome.err.find(bad.allowed) != std::string::npos);
    }
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("a password in a bad endpoint is not shown") {
  const Outcome outcome = run_to("ftp://user:secret@h", "traces by environment");
  check_off(outcome);
  CHECK(outcome.err.find("secret") == std::string::npos);
  CHECK(lines(outcome.err) == 1);
}

TEST_CASE("the first use may be by many threads at once") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "first use by many threads");
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("enabled") == 1);
  CHECK(outcome.number("acknowledged") == 800);
  CHECK(support::spans_of(server).size() == 800);
}

TEST_CASE("init in code takes what it leaves open from the environment") {
  const HttpServer server;
  const Outcome outcome =
      run_to(server.endpoint(), "init in code before use", {{"JAEGER_SERVICE_NAME", "from outside"}});
  INFO(outcome.describe());
  CHECK(outcome.number("made") == 1);
  CHECK(outcome.number("flushed") == 1);
  REQUIRE(server.requests().size() == 1);
  CHECK(support::decode_batch(server.requests()[0].body).service == "from code");
}

TEST_CASE("init in code can mend what a bad environment switched off") {
  const Outcome outcome = run_to("ftp://h", "init in code after a bad environment");
  INFO(outcome.describe());
  CHECK(outcome.number("enabled before") == 0);
  CHECK(outcome.number("made") == 1);
}

TEST_CASE("JTRACE_LOG_LEVEL chooses how much is said, on stderr only") {
  const HttpServer server;
  for (const std::string level : {"", "warn", "error", "off"}) {
    CAPTURE(level);
    const Outcome outcome = run_to(server.endpoint(), "traces by environment", {{"JTRACE_LOG_LEVEL", level}});
    check_on(outcome);
  }
  for (const std::string level : {"info", "debug"}) {
    CAPTURE(level);
    const Outcome outcome = run_to(server.endpoint(), "traces by environment",
                                   {{"JTRACE_LOG_LEVEL", level}, {"JAEGER_SERVICE_NAME", "orders"}});
    INFO(outcome.describe());
    CHECK(outcome.succeeded());
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(server.endpoint()) != std::string::npos);
    CHECK(outcome.err.find("orders") != std::string::npos);
    CHECK(outcome.err.find("const") != std::string::npos);
    if (level == "info") CHECK(lines(outcome.err) == 1);
  }
}

TEST_CASE("who sends its spans to the UI is told what answered, and where spans go") {
  // As Jaeger v2 answers a POST to its port 16686.
  const HttpServer ui({.status = 200,
                       .body = "<!doctype html>\n<html lang=\"en\">",
                       .headers = {{"Content-Type", "text/html; charset=utf-8"}}});
  const Outcome outcome = run_to(ui.endpoint(), "traces by environment");
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("acknowledged") == 0);
  CHECK(outcome.number("failed") == 1);
  CHECK(lines(outcome.err) == 1);
  CHECK(outcome.err.find("1 spans lost: " + ui.endpoint() +
                         " answered 200 with an HTML page: that is no collector; spans go to port 14268, path "
                         "/api/traces\n") != std::string::npos);
}

TEST_CASE("repeated failures are one line of their kind at the default level, none when it is off") {
  const std::string nobody = support::refusing_endpoint();
  const Outcome usual = run_to(nobody, "fails often");
  INFO(usual.describe());
  CHECK(usual.succeeded());
  CHECK(usual.out.empty());
  // The first says why, the other one what became of it in the end.
  CHECK(lines(usual.err) == 2);
  CHECK(usual.err.find(" spans to be tried again: " + nobody) != std::string::npos);
  CHECK(usual.err.find(" spans lost: not delivered when the tracer was closed") != std::string::npos);
  const Outcome final = run_to(nobody, "fails often", {{"JTRACE_MAX_RETRY_TIME", "0"}});
  CHECK(final.succeeded());
  CHECK(lines(final.err) == 1);
  CHECK(final.err.find(" spans lost: " + nobody) != std::string::npos);
  const Outcome silent = run_to(nobody, "fails often", {{"JTRACE_LOG_LEVEL", "off"}});
  CHECK(silent.succeeded());
  CHECK(silent.out.empty());
  CHECK(silent.err.empty());
}

TEST_CASE(
    "the first failure of a kind is a line, its repetitions are not, another kind is a line of its own") {
  HttpServer server({.status = 401, .body = {}, .headers = {}});
  for (int i = 0; i < 3; ++i) server.answers_next({.status = 500, .body = {}, .headers = {}});
  const Outcome outcome = run_to(server.endpoint(), "fails often", {{"JTRACE_MAX_RETRY_TIME", "0"}});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.out.empty());
  REQUIRE(server.requests().size() == 5);
  CHECK(lines(outcome.err) == 2);
  CHECK(outcome.err.find("500") != std::string::npos);
  CHECK(outcome.err.find("401") != std::string::npos);
  CHECK(outcome.err.find(server.host_and_port()) != std::string::npos);
}

TEST_CASE("a log sink that flushes or closes is told at once that it cannot") {
  const Outcome outcome = run_to(support::refusing_endpoint(), "flushes from the log sink", {{"JTRACE_MAX_RETRY_TIME", "0"}});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("waited") == 0);
  CHECK(outcome.reported("sink's flush") == "0");
  CHECK(outcome.number("flushed") == 1);
}

TEST_CASE("a level that does not exist is no reason to fail") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "traces by environment", {{"JTRACE_LOG_LEVEL", "loud"}});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("acknowledged") == 1);
  CHECK(outcome.out.empty());
}
