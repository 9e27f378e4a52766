// The sampler `remote` against a server on the loopback interface that answers well, late, wrong, hugely, or never.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "jtrace/jtrace.h"
#include "support/batch.h"
#include "support/environment.h"
#include "support/http_server.h"
#include "support/log_capture.h"
#include "support/memory.h"

using support::Answer;
using support::HttpServer;
using support::Request;
using namespace std::chrono_literals;

namespace {

constexpr auto kSoon = 30s;

Answer strategy(const std::string& json) { return {.status = 200, .body = json, .headers = {{"Content-Type", "application/json"}}}; }
Answer at_rate(const std::string& rate) {
  return strategy(R"({"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":)" + rate + "}}");
}
Answer at_most(const std::string& per_second) {
  return strategy(R"({"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":)" + per_second + "}}");
}
Answer error(int status) { return {.status = status, .body = "no", .headers = {}}; }

jtrace::Config asking(const HttpServer& sampling, const HttpServer& collector, std::chrono::nanoseconds interval = 10ms) {
  return {.service_name = "orders",
          .endpoint = collector.endpoint(),
          .sampler = {.type = "remote", .endpoint = sampling.url("/sampling"), .refresh_interval = interval},
          .request_timeout = kSoon};
}
jtrace::Tracer make(const jtrace::Config& config) {
  auto made = jtrace::make_tracer(config);
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}

// Each poll that has begun after this was called is over: the polls come one after another.
void wait_for_poll(const HttpServer& sampling) { REQUIRE(sampling.wait_for_requests(sampling.requests().size() + 2)); }

bool keeps(const jtrace::Tracer& tracer, const char* operation = "op") { return tracer.start_span(operation).is_sampled(); }

template <class IsSo>
bool comes_true(const HttpServer& sampling, IsSo&& is_so) {
  for (int polls = 0; polls < 1000; ++polls) {
    if (is_so()) return true;
    wait_for_poll(sampling);
  }
  return false;
}

}  // namespace

TEST_CASE("the server is asked at once, for the service by its name, and its answer decides") {
  const HttpServer sampling(at_rate("1")), collector;
  jtrace::Config config = asking(sampling, collector, 10ms);
  config.service_name = "größe & co";
  const auto tracer = make(config);
  CHECK(comes_true(sampling, [&] { return keeps(tracer); }));
  tracer.start_span("root").finish();
  CHECK(tracer.close(kSoon));
  const Request first = sampling.requests().at(0);
  CHECK(first.method == "GET");
  CHECK(first.target == "/sampling?service=gr%C3%B6%C3%9Fe%20%26%20co");
  const auto root = support::find_span(support::spans_of(collector), "root");
  CHECK(root.text("sampler.type") == "probabilistic");
  REQUIRE(root.tag("sampler.param"));
  CHECK(root.tag("sampler.param")->floating == 1);
  const jtrace::Stats stats = tracer.stats();
  CHECK(stats.sampler_queries.ok >= 1);
  CHECK(stats.sampler_updates.ok == 1);
  CHECK(stats.sampler_updates.err == 0);
}

TEST_CASE("a query of the endpoint's own stays, and a host alone means Jaeger's port and path") {
  const HttpServer sampling(at_rate("1")), collector;
  jtrace::Config config = asking(sampling, collector);
  config.sampler.endpoint = sampling.url("/x?y=1");
  const auto tracer = make(config);
  CHECK(sampling.wait_for_requests(1));
  CHECK(sampling.requests().at(0).target == "/x?y=1&service=orders");
  CHECK(tracer.close(kSoon));
  const HttpServer other(at_rate("1"));
  config.sampler.endpoint = {};
  config.sampler.manager_host_port = other.host_and_port();
  const auto by_host = make(config);
  CHECK(other.wait_for_requests(1));
  CHECK(other.requests().at(0).target == "/sampling?service=orders");
  CHECK(by_host.close(kSoon));
}

TEST_CASE("until the server answers the rate is sampler.param") {
  HttpServer sampling(at_rate("0")), collector;
  Answer late = at_rate("0");
  late.manner = Answer::Manner::held;
  sampling.answers(late);
  jtrace::Config config = asking(sampling, collector);
  config.sampler.param = 1;
  const auto tracer = make(config);
  CHECK(sampling.wait_for_requests(1));
  CHECK(keeps(tracer));
  sampling.let_go();
  CHECK(tracer.close(kSoon));
}

TEST_CASE("the server is asked again each interval, and what it says then counts") {
  HttpServer sampling(at_rate("1")), collector;
  const auto tracer = make(asking(sampling, collector));
  CHECK(comes_true(sampling, [&] { return keeps(tracer); }));
  sampling.answers(at_rate("0"));
  wait_for_poll(sampling);
  CHECK_FALSE(keeps(tracer));
  sampling.answers(strategy(R"({"operationSampling":{"perOperationStrategies":[{"operation":"pay","probabilisticSampling":{"samplingRate":1}}]}})"));
  CHECK(comes_true(sampling, [&] { return keeps(tracer, "pay"); }));
  CHECK_FALSE(keeps(tracer, "look"));
  sampling.answers(at_most("1"));
  CHECK(comes_true(sampling, [&] { return keeps(tracer, "look"); }));
  CHECK(tracer.stats().sampler_updates.ok == 4);
  CHECK(tracer.close(kSoon));
}

TEST_CASE("an answer that has not changed fills no bucket") {
  const HttpServer sampling(at_most("0.001")), collector;
  const auto tracer = make(asking(sampling, collector, 1ms));
  CHECK(comes_true(sampling, [&] { return keeps(tracer); }));
  int kept = 0;
  for (int i = 0; i < 20; ++i) {
    wait_for_poll(sampling);
    kept += keeps(tracer);
  }
  CHECK(kept == 0);
  CHECK(tracer.stats().sampler_updates.ok == 1);
  CHECK(tracer.close(kSoon));
}

TEST_CASE("whatever is wrong with an answer, the last good strategy stays and the trouble is counted") {
  support::LogCapture log;
  HttpServer sampling(at_rate("1")), collector;
  const auto tracer = make(asking(sampling, collector));
  CHECK(comes_true(sampling, [&] { return keeps(tracer); }));
  const std::string spaces(3 << 20, ' ');
  struct Wrong {
    const char* what;
    Answer answer;
    bool is_answer;
  };
  Answer reset = at_rate("0"), midway = at_rate("0"), redirect = at_rate("0");
  reset.manner = Answer::Manner::reset;
  midway.manner = Answer::Manner::reset_midway;
  redirect.status = 302;
  redirect.headers = {{"Location", sampling.url("/elsewhere")}};
  const Wrong wrong[] = {
      {"500", error(500), false},
      {"400", error(400), false},
      {"204", error(204), false},
      {"a redirect", redirect, false},
      {"reset", reset, false},
      {"reset midway", midway, false},
      {"huge", strategy(spaces + R"({"probabilisticSampling":{"samplingRate":0}})"), false},
      {"a page", {.status = 200, .body = "<html>Jaeger UI</html>", .headers = {{"Content-Type", "text/html"}}}, true},
      {"nothing", strategy(""), true},
      {"too much", at_rate("2"), true},
      {"half of it", strategy(R"({"probabilisticSampling":)"), true},
      {"another question's answer", strategy(R"([{"baggageKey":"k","maxValueLength":10}])"), true},
  };
  for (const Wrong& one : wrong) {
    CAPTURE(std::string(one.what));
    const jtrace::Stats before = tracer.stats();
    sampling.answers(one.answer);
    wait_for_poll(sampling);
    const jtrace::Stats after = tracer.stats();
    CHECK(keeps(tracer));
    if (one.is_answer) {
      CHECK(after.sampler_updates.err > before.sampler_updates.err);
    } else {
      CHECK(after.sampler_queries.err > before.sampler_queries.err);
    }
    CHECK(after.sampler_updates.ok == before.sampler_updates.ok);
  }
  sampling.answers(at_rate("0"));
  wait_for_poll(sampling);
  CHECK_FALSE(keeps(tracer));
  CHECK(tracer.close(kSoon));
  CHECK(log.count("sampling goes on as it was") <= 1);  // a minute is not over
}

TEST_CASE("a server that is not there is told of once, not at each poll") {
  support::LogCapture log;
  const HttpServer collector;
  std::uint16_t nobody = 0;
  {
    const HttpServer gone;
    nobody = gone.port();
  }
  jtrace::Config config = asking(collector, collector, 1ms);
  config.sampler.endpoint = "http://127.0.0.1:" + std::to_string(nobody);
  config.sampler.param = 1;
  const auto tracer = make(config);
  while (tracer.stats().sampler_queries.err < 20) std::this_thread::yield();
  CHECK(log.count(jtrace::LogLevel::warn) <= 1);  // the test before this one may have been the once
  CHECK(keeps(tracer));
  CHECK(tracer.close(kSoon));
}

TEST_CASE("a server that never answers delays neither spans nor flush nor close, and is given up after request_timeout") {
  HttpServer sampling(Answer{.status = 200, .body = {}, .headers = {}, .manner = Answer::Manner::never}), collector;
  jtrace::Config config = asking(sampling, collector);
  config.sampler.param = 1;
  const auto tracer = make(config);
  CHECK(sampling.wait_for_requests(1));
  tracer.start_span("op").finish();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(tracer.flush(kSoon));
  CHECK(tracer.close(kSoon));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);  // of the 30 that a request may take
  CHECK(tracer.stats().sampler_queries.err == 0);
  config.request_timeout = 50ms;
  const auto impatient = make(config);
  CHECK(sampling.wait_for_requests(3));
  CHECK(impatient.stats().sampler_queries.err >= 1);
  CHECK(impatient.close(kSoon));
}

TEST_CASE("after close nobody is asked any more") {
  HttpServer sampling(at_rate("1")), collector;
  const auto tracer = make(asking(sampling, collector, 1ms));
  CHECK(sampling.wait_for_requests(3));
  CHECK(tracer.close(kSoon));
  const auto after = sampling.requests().size();
  CHECK_FALSE(sampling.wait_for_requests(after + 2, 100ms));
}

TEST_CASE("the collector's login and headers go along to its own host and port, and to no other") {
  HttpServer sampling(at_rate("1")), collector(at_rate("1"));
  jtrace::Config config = asking(sampling, collector);
  config.auth.token = "secret";
  config.headers = {{"X-Tenant", "one"}};
  const auto elsewhere = make(config);
  CHECK(sampling.wait_for_requests(1));
  CHECK(sampling.requests().at(0).count("Authorization") == 0);
  CHECK(sampling.requests().at(0).count("X-Tenant") == 0);
  CHECK(elsewhere.close(kSoon));
  config.sampler.endpoint = collector.url("/api/sampling");
  const auto same = make(config);
  CHECK(collector.wait_for_requests(1));
  CHECK(collector.requests().at(0).target == "/api/sampling?service=orders");
  CHECK(collector.requests().at(0).header("Authorization") == "Bearer secret");
  CHECK(collector.requests().at(0).header("X-Tenant") == "one");
  CHECK(same.close(kSoon));
  config.sampler.endpoint = "http://me:mine@" + sampling.host_and_port();
  const auto own = make(config);
  const auto has_login = [](const std::vector<Request>& all) {
    return !all.empty() && all.back().header("Authorization") == "Basic bWU6bWluZQ==";
  };
  CHECK(sampling.wait_until(has_login));
  CHECK(own.close(kSoon));
}

// GCC's sanitizers do not mind forks: see fork_test.cpp.
TEST_CASE("a forked child samples as its parent did, and asks for itself" * doctest::skip(support::is_sanitized())) {
  HttpServer sampling(at_rate("1")), collector;
  const auto tracer = make(asking(sampling, collector, 20s));
  while (tracer.stats().sampler_updates.ok == 0) std::this_thread::yield();
  const auto asked = sampling.requests().size();
  const pid_t child = fork();
  if (child == 0) {
    const bool is_kept = tracer.start_span("child").is_sampled();
    while (tracer.stats().sampler_queries.ok == 0) std::this_thread::yield();
    _exit(is_kept && tracer.close(10s) ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(sampling.requests().size() == asked + 1);
  CHECK(keeps(tracer));
  CHECK(tracer.close(kSoon));
}

TEST_CASE("the environment alone is enough") {
  HttpServer sampling(at_rate("1")), collector;
  const support::Environment type("JAEGER_SAMPLER_TYPE", "remote");
  const support::Environment manager("JAEGER_SAMPLER_MANAGER_HOST_PORT", sampling.host_and_port().c_str());
  const support::Environment interval("JAEGER_SAMPLER_REFRESH_INTERVAL", "10ms");
  const auto tracer = make({.service_name = "orders", .endpoint = collector.endpoint()});
  CHECK(comes_true(sampling, [&] { return keeps(tracer); }));
  CHECK(tracer.close(kSoon));
  const support::Environment endpoint("JAEGER_SAMPLING_ENDPOINT", collector.url("/first").c_str());
  const auto by_endpoint = make({.service_name = "orders", .endpoint = collector.endpoint()});
  CHECK(collector.wait_until([](const std::vector<Request>& all) { return !all.empty() && all.back().target == "/first?service=orders"; }));
  CHECK(by_endpoint.close(kSoon));
}
