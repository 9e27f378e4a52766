// What tracing takes from the heap: once everything has its size, nothing, neither on the caller's thread nor, apart from
// libcurl, on the reporter's.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>
#include <string_view>
#include <utility>

#include "core/allocations.h"
#include "jtrace/jtrace.h"
#include "support/http_server.h"

namespace {

using namespace std::chrono_literals;

constexpr int kCalls = 5000;
constexpr const char* kWhenSkipped = "skipped where a sanitizer brings a malloc of its own";

// A tracer with a collector, and how often each side goes to the heap for work of a kind.
class Workshop {
 public:
  explicit Workshop(bool keep) {
    allocations::set_curl_apart();
    auto made = jtrace::make_tracer({.service_name = "test",
                                     .endpoint = collector_.endpoint(),
                                     .sampler = {.type = "const", .param = keep ? 1 : 0},
                                     .flush_interval = 1h,
                                     .max_batch_bytes = 64 << 10});
    REQUIRE(made.has_value());
    tracer_ = *made;
  }
  ~Workshop() { tracer_.close(2s); }

  struct Counts {
    std::uint64_t caller, reporter, spans;
  };
  // After two rounds of many small batches every buffer has its size and the connection is there; the third one counts.
  template <class Work>
  Counts count(Work&& work) {
    for (int i = 0; i < 2; ++i) round(work);
    const std::uint64_t reporters = allocations::by_reporters();
    const std::uint64_t spans = traced();
    const std::uint64_t callers = round(work);
    const jtrace::Stats stats = tracer_.stats();
    CHECK(stats.acknowledged == stats.started);
    return {callers, allocations::by_reporters() - reporters, traced() - spans};
  }

 private:
  template <class Work>
  std::uint64_t round(Work& work) {
    const std::uint64_t callers = allocations::during([&] {
      for (int i = 0; i < kCalls; ++i) work(tracer_, i);
    });
    CHECK(tracer_.flush(30s));
    return callers;
  }
  std::uint64_t traced() const { return tracer_.stats().started + tracer_.stats().not_sampled; }

  const support::HttpServer collector_;
  jtrace::Tracer tracer_;
};

template <class Work>
void allocates_nothing(std::uint64_t spans_each, Work&& work, bool keep = true) {
  const Workshop::Counts counts = Workshop(keep).count(work);
  CHECK(counts.spans == spans_each * kCalls);
  CHECK(counts.caller == 0);
  CHECK(counts.reporter == 0);
}

void traced_function(int id) {
  JTRACE_FUNCTION();
  jtrace::active_span().set_tag("id", id);
}

}  // namespace

TEST_SUITE_BEGIN("allocations" * doctest::description(kWhenSkipped) * doctest::skip(!allocations::are_counted()));

TEST_CASE("the count counts: an allocation on this thread is seen") {
  CHECK(allocations::during([] {
          int* volatile one = new int(1);  // volatile: or the compiler leaves both out
          delete one;
        }) == 1);
  CHECK(allocations::during([] {}) == 0);
}

TEST_CASE("a sampled span with tags of every type and a log allocates nothing") {
  allocates_nothing(1, [](const jtrace::Tracer& tracer, int i) {
    auto span = tracer.start_span("get_user");
    span.set_tag("http.method", "GET").set_tag("http.status_code", i).set_tag("ratio", 0.5).set_tag("hit", true);
    span.log({{"event", "sent"}, {"attempt", i}});
    span.finish();
  });
}

TEST_CASE("a span that is left to its destructor, with start options and an error, allocates nothing") {
  allocates_nothing(1, [](const jtrace::Tracer& tracer, int i) {
    auto span = tracer.start_span("get_user", {.kind = jtrace::Kind::client, .tags = {{"n", i}, {"text", "short"}}});
    span.set_error("declined");
  });
}

TEST_CASE("children in the scopes of their parents allocate nothing") {
  allocates_nothing(5, [](const jtrace::Tracer& tracer, int i) {
    auto request = tracer.start_active_span("request");
    auto query = jtrace::start_active_span("query");
    query->set_tag("rows", i);
    auto detached = query->start_child("detached");
    traced_function(i);
    tracer.start_span("plain").finish();
  });
}

TEST_CASE("spans larger than a slot, and larger than a chunk, allocate nothing") {
  const std::string page(6000, 'x');
  const std::string text(1000, 'x');
  allocates_nothing(2, [&](const jtrace::Tracer& tracer, int) {
    tracer.start_span("page").set_tag("page", page).finish();
    tracer.start_span("text").set_tag("text", text).finish();
  });
}

TEST_CASE("a sampler that is asked takes nothing from the heap, with a limit or with a place for each operation") {
  const support::HttpServer collector;
  const support::HttpServer sampling({.status = 200, .body = R"({"operationSampling":{"defaultSamplingProbability":0.1,
    "defaultLowerBoundTracesPerSecond":1,"perOperationStrategies":[{"operation":"operation 7","probabilisticSampling":{"samplingRate":0.5}}]}})", .headers = {}});
  jtrace::Config config{.endpoint = collector.endpoint(), .sampler = {.type = "ratelimiting", .param = 5}, .flush_interval = 1h};
  const auto limited = jtrace::make_tracer(config);
  config.sampler = {.type = "remote", .endpoint = sampling.url("/sampling"), .max_operations = 100};
  const auto per_operation = jtrace::make_tracer(config);
  REQUIRE((limited && per_operation));
  while (per_operation->stats().sampler_updates.ok == 0) std::this_thread::yield();
  std::vector<std::string> operations;
  for (int i = 0; i < 300; ++i) operations.push_back("operation " + std::to_string(i));
  for (const jtrace::Tracer& tracer : {*limited, *per_operation}) {
    tracer.start_span("warm").finish();
    CHECK(allocations::during([&] {
            for (int i = 0; i < kCalls; ++i) tracer.start_span(operations[static_cast<std::size_t>(i) % operations.size()]).finish();
          }) == 0);
    tracer.close(2s);
  }
}

TEST_CASE("spans that are not sampled allocate nothing") {
  allocates_nothing(
      5,
      [](const jtrace::Tracer& tracer, int i) {
        auto root = tracer.start_span("root");
        auto request = tracer.start_active_span("request");
        auto query = jtrace::start_active_span("query");
        query->set_tag("rows", i).set_tag("text", "not kept").log("sent");
        auto detached = tracer.start_span("detached", {.tags = {{"n", i}}});
        detached.finish();
        auto plain = tracer.start_span("plain").set_tag("n", i);
      },
      false);
}

TEST_CASE("a context without baggage goes out and comes in without the heap, by every format") {
  using Headers = std::array<std::pair<std::string_view, std::string_view>, 3>;
  const jtrace::SpanContext context({1, 2}, {3}, true);
  const Headers headers[] = {{{{"host", "h"}, {"uber-trace-id", "1%3A2:0:1"}, {"accept", "*/*"}}},
                             {{{"host", "h"}, {"uber-trace-id", "1:2:0:1"}, {"traceparent", "broken"}}},
                             {{{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}, {"b3", "0"}, {"a", "b"}}},
                             {{{"b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d"}, {"c", "d"}, {"a", "b"}}},
                             {{{"x-b3-traceid", "00f067aa0ba902b7"}, {"x-b3-spanid", "00f067aa0ba902b7"}, {"x-b3-sampled", "1"}}}};
  for (const char* list : {"jaeger", "w3c", "b3", "b3single", "jaeger,w3c,b3,b3single"}) {
    CAPTURE(std::string(list));
    auto made = jtrace::make_tracer({.endpoint = "http://127.0.0.1:1", .flush_interval = 1h, .propagation = list});
    REQUIRE(made.has_value());
    std::size_t bytes = 0;
    const auto work = [&] {
      made->inject(context, [&](std::string_view name, std::string_view value) { bytes += name.size() + value.size(); });
      for (const Headers& one : headers) bytes += made->extract(one).is_valid();
    };
    work();  // the thread's first loss has to find its place
    CHECK(allocations::during([&] {
            for (int i = 0; i < kCalls; ++i) work();
          }) == 0);
    CHECK(bytes != 0);
    made->close(0s);
  }
}

TEST_SUITE_END();
