// How a traced program ends: what it finished is sent without a call, whatever comes too late is harmless and
// counted.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <vector>

#include "program.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/http_server.h"

namespace {

using lifecycle::run_to;
using support::Answer;
using support::HttpServer;
using support::Outcome;
using namespace std::chrono_literals;

std::size_t count(const HttpServer& server, std::string_view name) {
  std::size_t n = 0;
  for (const auto& span : support::spans_of(server)) n += span.name == name;
  return n;
}

// It ended well, said nothing on stdout, and nothing on stderr either.
void check_quiet_success(const Outcome& outcome) {
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
}

// Does a program's life end within this time? A busy machine makes some lives long, a library that waits
// makes all of them long: one of five is enough. None may be shorter than `at_least`.
bool ends_within(std::chrono::milliseconds at_least, std::chrono::milliseconds at_most,
                 const std::string& endpoint, const std::string& scenario) {
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = run_to(endpoint, scenario);
    INFO(outcome.describe());
    CHECK(outcome.succeeded());
    CHECK(outcome.out.empty());
    CHECK(outcome.took >= at_least);
    if (outcome.took <= at_most) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what was finished is sent at every orderly exit, without a call") {
  for (const std::string scenario :
       {"returns from main", "calls exit", "calls quick_exit", "exits from another thread"}) {
    CAPTURE(scenario);
    const HttpServer server;
    check_quiet_success(run_to(server.endpoint(), scenario));
    CHECK(support::spans_of(server).size() == (scenario == "returns from main" ? 4u : 3u));
    CHECK(count(server, "span 1") == 1);
    CHECK(server.requests().size() <= 3);
  }
}

TEST_CASE("an exit waits for a silent collector no longer than its deadline") {
  HttpServer silent({.body = {}, .headers = {}, .manner = Answer::Manner::never});
  HttpServer deaf({}, HttpServer::Family::ipv4, HttpServer::Reading::never);
  const support::BlackHole hole;
  for (const std::string& endpoint : {silent.endpoint(), deaf.endpoint(), hole.endpoint()}) {
    CAPTURE(endpoint);
    CHECK(ends_within(300ms, 600ms, endpoint, "exits with a short deadline"));
    CHECK(ends_within(300ms, 600ms, endpoint, "exits quickly with a short deadline"));
  }
  // The default is one second.
  CHECK(ends_within(1000ms, 1300ms, silent.endpoint(), "calls exit"));
}

TEST_CASE("an exit does not wait at all when there is nobody to wait for, or nothing to send") {
  CHECK(ends_within(0ms, 500ms, support::refusing_endpoint(), "calls exit"));
  const HttpServer silent({.body = {}, .headers = {}, .manner = Answer::Manner::never});
  CHECK(ends_within(0ms, 500ms, silent.endpoint(), "never traces"));
  CHECK(silent.connections() == 0);
}

TEST_CASE("an exit does not wait for a sampling server that is silent") {
  HttpServer sampling({.body = {}, .headers = {}, .manner = Answer::Manner::never}), collector;
  const auto ends_soon = [&](const char* scenario) {
    sampling.answers_next({.status = 200, .body = R"({"probabilisticSampling":{"samplingRate":1}})", .headers = {}});
    const Outcome outcome = run_to(collector.endpoint(), scenario,
                                   {{"JAEGER_SAMPLER_TYPE", "remote"}, {"JAEGER_SAMPLER_PARAM", "1"},
                                    {"JAEGER_SAMPLER_REFRESH_INTERVAL", "1ms"}, {"JAEGER_SAMPLING_ENDPOINT", sampling.url("/sampling")}});
    check_quiet_success(outcome);
    return outcome.took < 500ms;
  };
  for (const char* scenario : {"exits while its sampler asks", "exits quickly while its sampler asks"}) {
    CAPTURE(std::string(scenario));
    const bool is_soon = ends_soon(scenario) || ends_soon(scenario) || ends_soon(scenario);
    CHECK(is_soon);
  }
  CHECK(support::spans_of(collector).size() >= 3 + 3);
  CHECK(sampling.requests().size() >= 4);
}

TEST_CASE("a program that traces nothing sends nothing") {
  const HttpServer server;
  check_quiet_success(run_to(server.endpoint(), "never traces"));
  check_quiet_success(run_to(server.endpoint(), "starts only unsampled", {{"JAEGER_SAMPLER_PARAM", "0"}}));
  CHECK(server.connections() == 0);
}

TEST_CASE("an exit while other threads trace sends what was finished before") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "returns while threads trace");
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(count(server, "main's last") == 1);
  CHECK(count(server, "span 99") >= 4);
}

TEST_CASE("spans that nobody finished are not sent, and harm nobody") {
  const HttpServer server;
  check_quiet_success(run_to(server.endpoint(), "leaves a span open"));
  CHECK(support::spans_of(server).size() >= 3);
  CHECK(count(server, "leaked") == 0);
}

TEST_CASE("spans finished in static destructors, after the exit flush, are harmless and counted") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes in static destructors");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.reported("witness") == "seen");
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("finished") >= 4);
  CHECK(outcome.number("acknowledged") == 3);
  CHECK(outcome.number("closed") == outcome.number("finished") - 3);
  CHECK(outcome.number("queued") == 0);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("spans finished before the exit flush, in destructors and handlers, are sent") {
  const HttpServer server;
  for (const std::string scenario :
       {"finishes in an early static destructor", "finishes in an exit handler"}) {
    CAPTURE(scenario);
    const Outcome outcome = run_to(server.endpoint(), scenario);
    check_quiet_success(outcome);
    INFO(outcome.describe());
    CHECK(outcome.number("balanced") == 1);
    CHECK(outcome.number("acknowledged") == 4);
  }
  CHECK(count(server, "in time") == 1);
  CHECK(count(server, "in a handler") == 1);
}

TEST_CASE("an exit handler that is older than the library runs after the flush: its spans are harmless and not sent") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes in an exit handler older than the library");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("acknowledged") == 3);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("std::terminate ends the program at once, whatever is open; what was sent before is not lost") {
  HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "is terminated", {{"JAEGER_REPORTER_FLUSH_INTERVAL", "1h"}});
  INFO(outcome.describe());
  CHECK(outcome.signal == SIGABRT);
  CHECK_FALSE(outcome.timed_out);
  CHECK(support::spans_of(server).size() >= 3);
  CHECK(count(server, "open") == 0);
}

TEST_CASE("a terminate handler may flush: all that was finished is sent") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "is terminated, with a handler that flushes",
                                 {{"JAEGER_REPORTER_FLUSH_INTERVAL", "1h"}});
  INFO(outcome.describe());
  CHECK(outcome.signal == SIGABRT);
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("acknowledged") == 3);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("spans finished in the main thread's thread_local destructors are sent") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes in the main thread's destructors");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("balanced") == 1);
  CHECK(count(server, "held by main") == 1);
  CHECK(count(server, "started in a thread's end") == 1);
}

TEST_CASE("spans finished in thread_local destructors are sent, or counted as dropped") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes in thread_local destructors");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("finished") == 150);
  CHECK(outcome.number("queued") == 0);
  CHECK(outcome.number("acknowledged") + outcome.number("dropped") == 150);
  CHECK(support::spans_of(server).size() == static_cast<std::size_t>(outcome.number("acknowledged")));
  CHECK(count(server, "active") == 50);
}

TEST_CASE("spans finished in the destructors of pthread keys, after the library's own, are sent or counted") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes in key destructors");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("queued") == 0);
  CHECK(outcome.number("finished") >= 100);
  CHECK(outcome.number("acknowledged") + outcome.number("dropped") == outcome.number("finished"));
  CHECK(count(server, "in the thread") == 50);
}

TEST_CASE("spans finished after close are harmless and counted, later ones are inert") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "finishes after close");
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("closed in time") == 1);
  CHECK(outcome.number("later is inert") == 1);
  CHECK(outcome.number("second close") == 1);
  CHECK(outcome.number("flush after close") == 1);
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("finished") == 4);
  CHECK(outcome.number("acknowledged") == 3);
  CHECK(outcome.number("closed") == 1);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("a program closes within its deadline and leaves nothing to the exit") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "traces and closes");
  check_quiet_success(outcome);
  CHECK(outcome.number("closed in time") == 1);
  CHECK(outcome.number("acknowledged") == 3);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("a collector that resets its connections does not kill the program by SIGPIPE") {
  HttpServer server({.body = {}, .headers = {}, .manner = Answer::Manner::reset});
  for (int i = 0; i < 40; ++i) {
    const Answer::Manner manners[] = {Answer::Manner::reset, Answer::Manner::hang_up,
                                      Answer::Manner::reset_midway, Answer::Manner::whole};
    server.answers_next({.body = {}, .headers = {}, .manner = manners[i % 4]});
  }
  const Outcome outcome = run_to(server.endpoint(), "survives a collector that goes", {{"JTRACE_MAX_RETRY_TIME", "0"}});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.out.empty());
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("finished") == 60'000);
  CHECK(outcome.number("failed") > 0);
  CHECK(outcome.number("acknowledged") > 0);
  CHECK(outcome.number("queued") == 0);
}
