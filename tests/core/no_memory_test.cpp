// Without memory: requests of the reporter's thread are refused at random, those of the caller's at the start one after the
// other. What is lost is counted, the rest arrives, and nothing throws or crashes.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "core/allocations.h"
#include "jtrace/jtrace.h"
#include "record/seed.h"
#include "support/batch.h"
#include "support/http_server.h"

namespace {

using namespace std::chrono_literals;
using support::Answer;
using support::HttpServer;

constexpr const char* kWhenSkipped = "skipped where a sanitizer brings a malloc of its own";
constexpr auto kSoon = 30s;
constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

// A log sink that needs no memory.
struct Silence {
  Silence() {
    jtrace::set_log_sink([](void*, jtrace::LogLevel, std::string_view) noexcept {});
  }
  ~Silence() { jtrace::set_log_sink(nullptr); }
};

// Small, large, in pieces, with a key twice, with logs: whatever the encoder needs memory for.
void trace(const jtrace::Tracer& tracer, int count) {
  static const std::string page(6'000, 'x'), book(40'000, 'x');
  for (int i = 0; i < count; ++i) {
    auto span = tracer.start_span("span");
    if (i % 3 == 0) span.set_tag("page", page);
    if (i % 50 == 0) span.set_tag("book", book);
    if (i % 2 == 0) span.set_tag("twice", 1).set_tag("twice", 2).log({{"event", "logged"}});
  }
}

Answer any_answer(std::mt19937_64& random) {
  constexpr int statuses[] = {202, 202, 202, 503, 413};
  return {.status = statuses[random() % std::size(statuses)], .body = {}, .headers = {}};
}

// A close waits a moment for the worker to count what it gives up; on a busy machine that takes longer.
void check_books(const jtrace::Tracer& tracer) {
  const auto deadline = std::chrono::steady_clock::now() + kSoon;
  while (tracer.stats().queued != 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  const jtrace::Stats stats = tracer.stats();
  CHECK(stats.is_balanced());
  CHECK(stats.queued == 0);
  CHECK(stats.started == stats.finished);
}

void check_arrivals(const jtrace::Stats& stats, const HttpServer& server) {
  std::set<std::uint64_t> accepted;
  for (const support::Request& request : server.requests()) {
    if (!request.was_accepted()) continue;
    for (const support::SentSpan& span : support::decode_batch(request.body).spans) accepted.insert(span.span_id);
  }
  // An answer for which there was no memory is lost, and its batch sent twice or given up.
  CHECK(accepted.size() >= stats.acknowledged);
  CHECK(accepted.size() <= stats.acknowledged + stats.failed());
}

}  // namespace

TEST_SUITE_BEGIN("no memory" * doctest::description(kWhenSkipped) * doctest::skip(!allocations::are_counted()));

TEST_CASE("where requests of the reporter are refused at random, what is lost is counted, and all is well again afterwards") {
  const Silence silence;
  const std::uint64_t seed = fixture::announced_seed();
  for (const bool packs : {false, true}) {
    for (const unsigned one_in : {1, 2, 3, 5, 10, 30, 100, 300}) {
      CAPTURE(one_in);
      std::mt19937_64 random(seed + one_in);
      HttpServer server;
      server.answers_by([&random] { return any_answer(random); });
      const std::uint64_t refused = allocations::refused();
      allocations::refuse_reporters(one_in, seed);
      auto made = jtrace::make_tracer({.service_name = "no memory",
                                       .endpoint = server.endpoint(),
                                       .compression = packs ? "gzip" : "none",
                                       .flush_interval = 1ms,
                                       .request_timeout = 300ms,
                                       .retry = {.initial = 1ms, .max = 5ms},
                                       .max_batch_bytes = 100 << 10});
      REQUIRE(made.has_value());
      const jtrace::Tracer tracer = *made;
      for (int i = 0; i < 5; ++i) {
        trace(tracer, 200);
        tracer.flush(30ms);
        CHECK(tracer.stats().is_balanced());
      }
      allocations::refuse_reporters(0);
      if (one_in <= 3) CHECK(allocations::refused() > refused);  // of few requests none may be picked
      server.answers(202);
      CHECK(tracer.flush(kSoon));
      const std::uint64_t before = tracer.stats().acknowledged;
      trace(tracer, 100);
      CHECK(tracer.flush(kSoon));
      CHECK(tracer.stats().acknowledged == before + 100);
      check_books(tracer);
      if (!packs) check_arrivals(tracer.stats(), server);
      CHECK(tracer.close(kSoon));
    }
  }
}

TEST_CASE("where a close finds no memory, what is left is counted as well") {
  const Silence silence;
  const std::uint64_t seed = fixture::announced_seed();
  for (const unsigned one_in : {1, 2, 5, 20}) {
    CAPTURE(one_in);
    const HttpServer server;
    auto made = jtrace::make_tracer({.service_name = "no memory", .endpoint = server.endpoint(), .flush_interval = 1h, .max_batch_bytes = 100 << 10});
    REQUIRE(made.has_value());
    trace(*made, 300);
    allocations::refuse_reporters(one_in, seed);
    made->close(100ms);
    allocations::refuse_reporters(0);
    check_books(*made);
    check_arrivals(made->stats(), server);
  }
}

// One request is refused, or all from one on; one further each time, until none is left that could be.
TEST_CASE("whichever request is refused while a tracer is made, there is an error or a tracer, and nothing is thrown") {
  const Silence silence;
  const HttpServer server;
  const jtrace::Config config{.service_name = "a name that is too long to be kept in place", .endpoint = server.endpoint(), .tags = {{"key", "value"}}};
  for (const std::uint64_t length : {std::uint64_t{1}, kForEver / 2}) {
    bool was_refused = true;
    int errors = 0;
    for (std::uint64_t first = 1; was_refused; ++first) {
      const std::uint64_t before = allocations::refused();
      allocations::refuse_here(first, first + length - 1);
      auto made = jtrace::make_tracer(config);
      allocations::refuse_here(0, 0);
      was_refused = allocations::refused() != before;
      errors += !made.has_value();
      if (!made.has_value()) CHECK(made.error().message() == "no memory");
      if (was_refused) continue;
      REQUIRE(made.has_value());
      CHECK(made->enabled());
    }
    CHECK(errors > 10);
  }
}

TEST_CASE("whichever request is refused at the first span, the span waits for a flush that has memory, or is inert") {
  const Silence silence;
  const HttpServer server;
  for (const std::uint64_t length : {std::uint64_t{1}, kForEver / 2}) {
    bool was_refused = true;
    for (std::uint64_t first = 1; was_refused; ++first) {
      auto made = jtrace::make_tracer({.service_name = "no memory", .endpoint = server.endpoint(), .flush_interval = 1h});
      REQUIRE(made.has_value());
      const std::uint64_t before = allocations::refused();
      allocations::refuse_here(first, first + length - 1);
      jtrace::Span span = made->start_span("first");
      const bool is_recording = span.is_recording();
      span.finish();
      allocations::refuse_here(0, 0);
      was_refused = allocations::refused() != before;
      made->start_span("second").finish();
      CHECK(made->flush(kSoon));
      const jtrace::Stats stats = made->stats();
      CHECK(stats.is_balanced());
      CHECK(stats.acknowledged == (is_recording ? 2 : 1));  // without memory for the books themselves a span is inert
      CHECK(made->close(kSoon));
    }
  }
}

TEST_CASE("a tracer that never had memory for its worker counts its spans as closed at the end") {
  const Silence silence;
  const HttpServer server;
  auto made = jtrace::make_tracer({.service_name = "no memory", .endpoint = server.endpoint(), .flush_interval = 1h});
  REQUIRE(made.has_value());
  allocations::refuse_here(2, kForEver);  // the first one is for the books
  made->start_span("first").finish();
  const bool is_flushed = made->flush(10ms);
  const bool is_closed = made->close(10ms);
  allocations::refuse_here(0, 0);
  CHECK_FALSE(is_flushed);
  CHECK_FALSE(is_closed);
  const jtrace::Stats stats = made->stats();
  CHECK(stats.drops.closed == 1);
  CHECK(stats.queued == 0);
  CHECK(stats.is_balanced());
}

TEST_SUITE_END();
