// The whole library with eight threads that trace whatever they like, hand spans to each other and flush in between, and
// a collector that fails now and then in every way.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "record/seed.h"
#include "support/batch.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using support::Answer;
using support::HttpServer;
using namespace std::chrono_literals;
using Random = std::mt19937_64;

constexpr unsigned kProducers = 8;
constexpr unsigned kLives = 4;  // of each producer: it ends and another thread goes on
constexpr int kSteps = 8000;    // in a life, a span or two each
constexpr std::chrono::seconds kLongest{60};

// Mostly well; else refused, cut off, or well on a connection that ends.
Answer any_answer(Random& random) {
  switch (random() % 16) {
    case 0:
    case 1:
      return {.status = 503, .body = "busy", .headers = {}};
    case 2:
      return {.body = {}, .headers = {}, .manner = Answer::Manner::reset};
    case 3:
      return {.body = {}, .headers = {}, .manner = Answer::Manner::reset_midway};
    case 4:
      return {.body = {}, .headers = {}, .manner = Answer::Manner::hang_up};
    case 5:
      return {.body = {}, .headers = {}, .keep_alive = false};
    default:
      return {.body = {}, .headers = {}};
  }
}

std::string text_for(std::int64_t writer, std::int64_t number, std::size_t size) {
  return std::string(size, static_cast<char>('a' + (writer * 7 + number) % 26));
}

// Spans on their way from the thread that started them to the one that will finish them.
class Exchange {
 public:
  void give(jtrace::Span span) {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  jtrace::Span take(Random& random) {
    const std::lock_guard lock(mutex_);
    if (spans_.empty()) return {};
    std::swap(spans_[random() % spans_.size()], spans_.back());
    jtrace::Span span = std::move(spans_.back());
    spans_.pop_back();
    return span;
  }

 private:
  std::mutex mutex_;
  std::vector<jtrace::Span> spans_;
};

// One thread at work. What it finishes carries its number and how many it finished before.
class Writer {
 public:
  Writer(const jtrace::Tracer& tracer, Exchange& exchange, std::int64_t writer, std::uint64_t seed)
      : tracer_(tracer), exchange_(exchange), writer_(writer), random_(seed) {}

  void step() {
    switch (random_() % 10) {
      case 0:
      case 1:
        exchange_.give(tracer_.start_span("handed on"));
        break;
      case 2:
      case 3:
        finish(exchange_.take(random_));
        break;
      case 4:
      case 5: {
        auto outer = tracer_.start_active_span("outer");
        finish(jtrace::start_span("inner"));
        outer->log("after the inner one", {{"n", next_}});
        finish(std::move(outer).release());
        break;
      }
      default:
        finish(tracer_.start_span("alone"));
    }
    if (random_() % 1000 == 0) tracer_.flush(std::chrono::milliseconds(random_() % 20));
  }

  void finish(jtrace::Span span) {
    if (!span) return;
    // One in forty is larger than a chunk of the queue, and travels as fragments.
    const std::size_t size = random_() % 40 == 0 ? 4'096 + random_() % 20'000 : random_() % 100;
    span.set_tag("writer", writer_).set_tag("number", next_).set_tag("text", text_for(writer_, next_, size));
    ++next_;
    if (random_() % 2 == 0) span.finish();  // or by its destructor
  }

 private:
  const jtrace::Tracer tracer_;
  Exchange& exchange_;
  const std::int64_t writer_;
  std::int64_t next_ = 0;
  Random random_;
};

// A collector, a tracer and eight producers.
class Mill {
 public:
  explicit Mill(std::chrono::nanoseconds max_retry_time) {
    collector_.answers_by([this] { return any_answer(random_); });
    auto made = jtrace::make_tracer({.service_name = "stress",
                                     .endpoint = collector_.endpoint(),
                                     .flush_interval = 5ms,
                                     .retry = {.initial = 1ms, .max = 10ms},
                                     .max_retry_time = max_retry_time,
                                     .max_pending_bytes = 1 << 30,
                                     .max_queue_bytes = 2 << 20,
                                     .max_batch_bytes = 64 << 10,
                                     .limits = {.value_length = 0}});
    REQUIRE(made.has_value());
    tracer_ = *made;
  }
  ~Mill() { tracer_.close(2s); }

  const jtrace::Tracer& tracer() const { return tracer_; }
  const HttpServer& collector() const { return collector_; }

  void start() {
    for (unsigned producer = 0; producer < kProducers; ++producer) {
      producers_.emplace_back([this, producer] {
        for (unsigned life = 0; life < kLives; ++life)
          std::thread([this, number = producer * kLives + life] { live(number); }).join();
      });
    }
  }
  // Until all have ended; nothing is left open then.
  void finish() {
    for (std::thread& producer : producers_) producer.join();
    Random random(seed_);
    Writer last(tracer_, exchange_, kProducers * kLives, seed_);
    while (jtrace::Span span = exchange_.take(random)) last.finish(std::move(span));
  }

  // The law of the counters, with nothing under way; and the collector has what it has acknowledged: each span once, each
  // whole, those of a thread in their order.
  void check_books() const {
    const jtrace::Stats stats = tracer_.stats();
    MESSAGE("of " << stats.finished << " spans " << stats.acknowledged << " acknowledged, " << stats.dropped()
                  << " dropped, " << stats.failed() << " failed");
    CHECK(stats.is_balanced());
    CHECK(stats.queued == 0);
    CHECK(stats.started == stats.finished);
    CHECK(stats.finished_twice == 0);
    CHECK(stats.cut == 0);
    CHECK(stats.acknowledged > 1000);
    CHECK(accepted_spans() == stats.acknowledged);
  }

 private:
  void live(unsigned number) {
    Writer writer(tracer_, exchange_, number, seed_ + number);
    for (int i = 0; i < kSteps; ++i) writer.step();
  }

  std::uint64_t accepted_spans() const {
    std::uint64_t spans = 0, torn = 0, out_of_order = 0;
    std::map<std::int64_t, std::int64_t> next;
    for (const support::Request& request : collector_.requests()) {
      if (!request.was_accepted()) continue;
      for (const support::SentSpan& span : support::decode_batch(request.body).spans) {
        ++spans;
        const support::SentTag *writer = span.tag("writer"), *number = span.tag("number");
        const std::string text = span.text("text");
        if (!writer || !number || text != text_for(writer->integer, number->integer, text.size())) {
          ++torn;
          continue;
        }
        out_of_order += number->integer < next[writer->integer];
        next[writer->integer] = number->integer + 1;
      }
    }
    CHECK(torn == 0);
    CHECK(out_of_order == 0);
    return spans;
  }

  const std::uint64_t seed_ = fixture::announced_seed();
  const support::LogCapture log_;
  Random random_{seed_};  // of the collector's moods
  HttpServer collector_;
  jtrace::Tracer tracer_;
  Exchange exchange_;
  std::vector<std::thread> producers_;
};

}  // namespace

// Promised: every finished span is in exactly one place of the books, and the acknowledged ones are exactly those that a
// collector accepted. A breach shows as a sum that does not close, or as a span that is missing, twice, torn or late there.
TEST_CASE("eight producers, a moody collector: after a flush the books close and name what the collector has") {
  Mill mill(0s);
  mill.start();
  mill.finish();
  CHECK(mill.tracer().flush(kLongest));
  mill.check_books();
  CHECK(mill.tracer().stats().failures.server_error > 0);
  CHECK(mill.tracer().stats().failures.unreachable > 0);
}

// Promised beside: with retries, whatever came into the queue arrives.
TEST_CASE("eight producers, a moody collector, and retries: nothing is lost but what the queue had no room for") {
  Mill mill(1h);
  mill.start();
  mill.finish();
  CHECK(mill.tracer().flush(kLongest));
  mill.check_books();
  const jtrace::Stats stats = mill.tracer().stats();
  CHECK(stats.failed() == 0);
  CHECK(stats.retries > 0);
}

TEST_CASE("the books close as well when the tracer is closed in the midst of it") {
  Mill mill(0s);
  auto late = mill.tracer().start_span("late");
  mill.start();
  REQUIRE(mill.collector().wait_for_requests(50));
  CHECK(mill.tracer().close(kLongest));
  mill.finish();
  late.finish();
  mill.check_books();
  CHECK(mill.tracer().stats().drops.closed > 0);
}
