// jtrace is a guest in somebody's process: it leaves signals and other threads alone, its own thread keeps out of the
// way, and code that traces where others would not (signal handlers, allocators, log sinks) neither crashes nor recurses.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "program.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/http_server.h"
#include "support/memory.h"

namespace {

using lifecycle::run_to;
using support::Answer;
using support::HttpServer;
using support::Outcome;

void check_success(const Outcome& outcome) {
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
}

Outcome run_beside(const std::string& program, const std::string& endpoint, support::Variables variables = {}) {
  variables.emplace("JAEGER_ENDPOINT", endpoint);
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return support::run({(folder / program).string()}, variables);
}

}  // namespace

TEST_CASE("no signal's disposition is changed, and no mask, whatever the collector does") {
  for (const Answer::Manner manner :
       {Answer::Manner::whole, Answer::Manner::reset, Answer::Manner::reset_midway, Answer::Manner::hang_up}) {
    const HttpServer server({.body = {}, .headers = {}, .manner = manner});
    const Outcome outcome =
        run_to(server.endpoint(), "keeps signal dispositions",
                                   {{"JTRACE_LOG_LEVEL", "off"}, {"JTRACE_MAX_RETRY_TIME", "0"}});
    check_success(outcome);
    INFO(outcome.describe());
    CHECK(outcome.number("flushed") == 1);
    CHECK(outcome.reported("changed") == "0");
    CHECK(outcome.reported("masked") == "0");
  }
}

TEST_CASE("the worker has the process's affinity and policy and blocks all signals, whoever started it") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "starts the worker from a pinned thread");
  check_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("pinned") == 1);
  CHECK(outcome.number("batch") == 1);
  CHECK(outcome.number("starter unchanged") == 1);
  CHECK(outcome.number("same affinity") == 1);
  CHECK(outcome.reported("policy") == "0");  // SCHED_OTHER
  // All but SIGKILL and SIGSTOP, and the two that the C library keeps to itself.
  CHECK(outcome.reported("blocked") == "fffffffe7ffbfeff");
}

TEST_CASE("code without exceptions and RTTI traces") {
  const HttpServer server;
  check_success(run_beside("bare-program", server.endpoint()));
  const auto spans = support::spans_of(server);
  CHECK(spans.size() == 2);
  CHECK(support::find_span(spans, "bare").tag("error"));
}

TEST_CASE("signal handlers trace, wherever they interrupt; what cannot be traced is counted") {
  const HttpServer server;
  const Outcome outcome = run_to(server.endpoint(), "traces in signal handlers",
                                 {{"JAEGER_REPORTER_FLUSH_INTERVAL", "20"}});
  check_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("strays") == 0);
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("other losses") == 0);
  CHECK(outcome.number("queued") == 0);
  std::size_t in_handlers = 0;
  const auto spans = support::spans_of(server);
  for (const support::SentSpan& span : spans) in_handlers += span.name == "still in a handler";
  CHECK(in_handlers > 500);
  CHECK(static_cast<long long>(spans.size()) == outcome.number("acknowledged"));
}

TEST_CASE("an allocator that traces neither recurses nor crashes, and the counters close" *
          doctest::skip(support::is_sanitized())) {
  const HttpServer server;
  for (const std::string level : {"warn", "debug"}) {
    CAPTURE(level);
    const Outcome outcome = run_beside("allocator-program", server.endpoint(),
                                       {{"JTRACE_LOG_LEVEL", level}, {"JAEGER_REPORTER_FLUSH_INTERVAL", "20"}});
    check_success(outcome);
    INFO(outcome.describe());
    CHECK(outcome.number("configured") == 1);
    CHECK(outcome.number("flushed") == 1);
    CHECK(outcome.number("calls") > 10'000);
    CHECK(outcome.number("deepest") <= 4);
    CHECK(outcome.number("balanced") == 1);
    CHECK(outcome.number("acknowledged") > 10'000);
    CHECK(outcome.number("dropped") == outcome.number("reentrant"));
  }
}

TEST_CASE("a log sink that traces is called once a line, waits for nothing, and the counters close") {
  const Outcome outcome = run_to(support::refusing_endpoint(), "traces in the log sink");
  check_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("configured") == 1);
  CHECK(outcome.number("own") == 1);
  CHECK(outcome.number("wrong") == 0);
  CHECK(outcome.number("lines") >= 3);
  CHECK(outcome.number("deepest") == 1);
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.took < std::chrono::seconds(10));
}
