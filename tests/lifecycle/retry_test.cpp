// Retrying over real sockets: which answers are tried again and which are not, when, on which connection, how memory stays
// bounded meanwhile, and that flush and close keep their deadlines against far sides that fail in every way.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jtrace/jtrace.h"
#include "support/batch.h"
#include "support/failing_far_sides.h"
#include "support/http_server.h"
#include "support/log_capture.h"
#include "support/memory.h"

namespace {

using support::Answer;
using support::HttpServer;
using support::LogCapture;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kSoon = 30s;

Answer status(int code, support::Headers headers = {}) {
  return {.status = code, .body = {}, .headers = std::move(headers)};
}

jtrace::Tracer make_tracer(const std::string& endpoint, jtrace::Config config = {}) {
  config.endpoint = endpoint;
  config.service_name = "retry";
  if (!config.flush_interval.is_set()) config.flush_interval = 1h;
  if (!config.retry.initial.is_set()) config.retry = {.initial = 1ms, .max = 20ms};
  config.limits.value_length = 0;
  auto made = jtrace::make_tracer(config);
  REQUIRE(made.has_value());
  return *made;
}

void finish(const jtrace::Tracer& tracer, int count, std::size_t bytes = 0) {
  const std::string text(bytes, 'x');
  for (int i = 0; i < count; ++i) {
    jtrace::Span span = tracer.start_span("x");
    if (bytes != 0) span.set_tag("text", text);
  }
}

template <class F>
Clock::duration time_of(F&& f) {
  const auto start = Clock::now();
  f();
  return Clock::now() - start;
}

// An HTTP date some seconds from now.
std::string date_in(int seconds) {
  const std::time_t at = std::time(nullptr) + seconds;
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

}  // namespace

TEST_CASE("time-outs of the server, too many requests and its own failures are tried again; all arrives once they pass") {
  const LogCapture log;
  for (const int code : {408, 429, 500, 502, 503, 504, 599}) {
    CAPTURE(code);
    HttpServer server;
    server.answers_next(status(code));
    server.answers_next(status(code));
    const jtrace::Tracer tracer = make_tracer(server.endpoint());
    finish(tracer, 3);
    CHECK(tracer.flush(kSoon));
    CHECK(server.requests().size() == 3);
    const jtrace::Stats stats = tracer.stats();
    CHECK(stats.acknowledged == 3);
    CHECK(stats.retries == 2);
    CHECK(stats.is_balanced());
    tracer.close(1s);
  }
}

TEST_CASE("what is wrong with the batch or with us is not tried again") {
  const LogCapture log;
  for (const int code : {301, 400, 401, 403, 404, 405, 413, 415, 422}) {
    CAPTURE(code);
    HttpServer server(status(code));
    const jtrace::Tracer tracer = make_tracer(server.endpoint());
    finish(tracer, 1);
    CHECK(tracer.flush(kSoon));
    CHECK(server.requests().size() == 1);
    CHECK(tracer.stats().failures.rejected == 1);
    CHECK(tracer.stats().retries == 0);
    tracer.close(1s);
  }
}

TEST_CASE("a batch that is too large for the server arrives in two halves") {
  const LogCapture log;
  HttpServer server;
  server.answers_next(status(413));
  const jtrace::Tracer tracer = make_tracer(server.endpoint());
  finish(tracer, 101);
  CHECK(tracer.flush(kSoon));
  CHECK(server.requests().size() == 3);
  CHECK(tracer.stats().acknowledged == 101);
  CHECK(support::spans_of(server).size() >= 101);
  tracer.close(1s);
}

TEST_CASE("a reset of a body above a megabyte is taken for the same, below it is a failure like others") {
  const LogCapture log;
  for (const bool is_large : {true, false}) {
    HttpServer server;
    server.answers_next({.body = {}, .headers = {}, .manner = Answer::Manner::reset});
    const jtrace::Tracer tracer = make_tracer(server.endpoint(), {.max_batch_bytes = 4 << 20});
    finish(tracer, is_large ? 100 : 10, 30'000);
    CHECK(tracer.flush(kSoon));
    const auto requests = server.requests();
    CHECK(requests.size() == (is_large ? 3 : 2));
    CHECK((requests.at(1).body == requests.at(0).body) == !is_large);
    CHECK(tracer.stats().acknowledged == (is_large ? 100 : 10));
    tracer.close(1s);
  }
}

TEST_CASE("Retry-After is waited for, in seconds and as a date") {
  const LogCapture log;
  for (const bool is_date : {false, true}) {
    CAPTURE(is_date);
    HttpServer server;
    server.answers_next(status(503, {{"Retry-After", is_date ? date_in(3) : "2"}}));
    const jtrace::Tracer tracer = make_tracer(server.endpoint(), {.flush_interval = 1ms});
    finish(tracer, 1);
    REQUIRE(server.wait_for_requests(1));
    const auto waited = time_of([&] { REQUIRE(server.wait_for_requests(2)); });
    CHECK(waited > 1500ms);  // a date is in whole seconds
    CHECK(tracer.flush(kSoon));
    CHECK(tracer.stats().acknowledged == 1);
    tracer.close(1s);
  }
}

TEST_CASE("each attempt after a failure has a connection of its own") {
  const LogCapture log;
  HttpServer server;
  for (int i = 0; i < 3; ++i) server.answers_next(status(503));
  const jtrace::Tracer tracer = make_tracer(server.endpoint());
  finish(tracer, 1);
  CHECK(tracer.flush(kSoon));
  CHECK(server.connections() == 4);
  finish(tracer, 1);
  CHECK(tracer.flush(kSoon));
  CHECK(server.connections() == 4);
  tracer.close(1s);
}

TEST_CASE("a collector that comes up late gets what was finished before, without a call") {
  const LogCapture log;
  if (!HttpServer::has_ipv6()) MESSAGE("no IPv6 here");
  for (const auto family : {HttpServer::Family::ipv4, HttpServer::Family::ipv6}) {
    if (family == HttpServer::Family::ipv6 && !HttpServer::has_ipv6()) continue;
    auto first = std::make_unique<HttpServer>(Answer{}, family);
    const std::string endpoint = first->endpoint();
    const std::uint16_t port = first->port();
    first.reset();
    const jtrace::Tracer tracer = make_tracer(endpoint, {.flush_interval = 1ms});
    finish(tracer, 5);
    while (tracer.stats().retries < 2) std::this_thread::yield();
    CHECK(tracer.stats().queued == 5);
    const HttpServer late(Answer{}, family, HttpServer::Reading::always, port);
    REQUIRE(late.wait_for_requests(1));
    CHECK(tracer.flush(kSoon));
    CHECK(tracer.stats().acknowledged == 5);
    CHECK(tracer.stats().is_balanced());
    tracer.close(1s);
  }
}

TEST_CASE("with the collector gone memory stays within the budgets, and each loss is counted") {
  const LogCapture log;
  constexpr std::int64_t kQueue = 8 << 20, kPending = 8 << 20;
  const jtrace::Tracer tracer = make_tracer(
      support::refusing_endpoint(),
      {.flush_interval = 10ms, .max_pending_bytes = kPending, .max_queue_bytes = kQueue});
  finish(tracer, 10'000);
  const std::size_t before = support::resident_bytes();
  for (int i = 0; i < 100; ++i) {
    finish(tracer, 10'000);
    std::this_thread::sleep_for(10ms);  // a million spans in a second or more: some 200 MB of batches
  }
  if (!support::is_sanitized()) CHECK(support::resident_bytes() < before + kQueue + kPending + (20 << 20));
  const jtrace::Stats stats = tracer.stats();
  CHECK(stats.failures.unreachable > 0);
  CHECK(stats.finished == 1'010'000);
  tracer.close(1s);
  CHECK(tracer.stats().is_balanced());
  CHECK(tracer.stats().queued == 0);
}

TEST_CASE("flush and close keep their deadlines within a tenth and 20 ms, whatever the collector does") {
  // A busy machine wakes a thread late now and then, a library that waits too long does so each time. A sanitized worker may be
  // in the middle of reading hundreds of certificates, which takes it long.
  const auto longest = support::is_sanitized() ? 1350ms : 350ms;
  const LogCapture log;
  for (const auto& [name, endpoint] : support::FailingFarSides()) {
    CAPTURE(name);
    bool flush_is_right = false, close_is_right = false;
    for (int i = 0; i < 10 && !(flush_is_right && close_is_right); ++i) {
      const jtrace::Tracer tracer = make_tracer(endpoint);
      finish(tracer, 100, 8000);
      flush_is_right |= time_of([&] { tracer.flush(300ms); }) <= longest;
      close_is_right |= time_of([&] { tracer.close(300ms); }) <= longest;
      CHECK(tracer.stats().is_balanced());
    }
    CHECK(flush_is_right);
    CHECK(close_is_right);
  }
}
