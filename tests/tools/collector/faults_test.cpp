// Covers the faults of jtrace-collector and --tee over real sockets: --fail, --latency, --stall, --reset-after, --drip, --down-for,
// what /api/faults counts of them, and that what was answered with 202 is what is kept.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"
#include "ingest.h"
#include "ingest_port.h"
#include "samples.h"

using namespace std::chrono_literals;
using fixture::Collector;
using fixture::Connection;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

const std::string kGolden = samples::golden_batch();
const std::string kGoldenTrace = "/api/traces/0102030405060708";

std::string post_request(const std::string& body) {
  return "POST /api/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-thrift\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

json faults(const Collector& collector) { return json::parse(fixture::get(collector.query_port(), "/api/faults").body); }

bool is_kept(const Collector& collector) { return fixture::get(collector.query_port(), kGoldenTrace).status == 200; }

std::string url_of(const Collector& collector) { return "http://127.0.0.1:" + std::to_string(collector.port()); }

std::vector<int> post_one_after_the_other(const Collector& collector, int requests) {
  std::vector<int> statuses;
  for (int i = 0; i < requests; ++i) statuses.push_back(fixture::post(collector.port(), kGolden).status);
  return statuses;
}

// A request on its way, with the name of its only span.
struct Sent {
  std::string operation;
  Connection connection;
};

Sent send_span(const Collector& collector, std::uint64_t id) {
  Sent sent{"op" + std::to_string(id), Connection(collector.port())};
  sent.connection.send(post_request(samples::batch_bytes({{.trace_id = {0, id}, .id = id, .name = sent.operation}})));
  return sent;
}

std::set<std::string> kept_operations(const Collector& collector) {
  std::set<std::string> names;
  const json answer = json::parse(fixture::get(collector.query_port(), "/api/services/svc/operations").body);
  for (const json& name : answer["data"]) names.insert(name.get<std::string>());
  return names;
}

}  // namespace

TEST_CASE("--fail answers with its status and header, and nothing of the request is kept") {
  Collector collector({"--fail", "429@Retry-After=2"});
  const fixture::Reply reply = fixture::post(collector.port(), kGolden);
  CHECK(reply.status == 429);
  CHECK(reply.headers.at("retry-after") == "2");
  CHECK(reply.headers.at("connection") == "close");
  CHECK(reply.body == "injected by --fail 429\n");
  CHECK_FALSE(is_kept(collector));
  CHECK(faults(collector)["failed"] == json{{"429", 1}});
}

TEST_CASE("with the same seed the same requests fail, and the seed is printed") {
  std::vector<int> statuses;
  for (int run = 0; run < 2; ++run) {
    Collector collector({"--fail", "503:0.5", "--fail", "408:0.2", "--seed", "7"});
    REQUIRE(collector.wait_for_output("faults: --fail 503:0.5 --fail 408:0.2 --seed 7\n"));
    const auto these = post_one_after_the_other(collector, 30);
    CHECK(std::set<int>(these.begin(), these.end()) == std::set<int>{202, 408, 503});
    if (run == 0) statuses = these;
    CHECK(these == statuses);
  }
}

TEST_CASE("--latency lets every answer wait, and does not keep the program from ending") {
  Collector collector({"--latency", "300ms"});
  const auto begin = Clock::now();
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
  CHECK(Clock::now() - begin >= 300ms);
  CHECK(faults(collector)["delayed"] == 1);

  Collector slow({"--latency", "20s"});
  Connection connection(slow.port());
  connection.send(post_request(kGolden));
  REQUIRE(fixture::eventually([&] { return faults(slow)["delayed"] == 1; }));
  const fixture::Ended ended = slow.end(SIGTERM);
  CHECK(ended.took < 10s);
  CHECK(connection.reply().status == 202);  // the wait was cut short, the batch kept
  CHECK(ended.out.find("1 accepted (1 spans)") != std::string::npos);
}

TEST_CASE("--stall accepts and never answers; queries are answered as ever") {
  Collector collector({"--stall"});
  Connection connection(collector.port());
  CHECK(connection.send(post_request(kGolden)));
  REQUIRE(fixture::eventually([&] { return faults(collector)["stalled"] == 1; }));
  CHECK(faults(collector)["requests"] == 0);
  CHECK_FALSE(is_kept(collector));
  collector.end(SIGTERM);
  CHECK(connection.receive_all().empty());
}

TEST_CASE("--reset-after resets what is larger, lets pass what is not, and keeps nothing of the former") {
  Collector collector({"--reset-after", "10KB"});
  Connection large(collector.port());
  large.send(post_request(samples::batch_bytes({{.id = 5, .name = std::string(20000, 'x')}})));
  CHECK(large.is_reset());
  CHECK(faults(collector)["reset"] == 1);
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
  const json counts = faults(collector);
  CHECK(counts["requests"] == 1);
  CHECK(counts["accepted_spans"] == 1);
}

TEST_CASE("--reset-after counts every byte that was sent, the header's too") {
  const std::string request = post_request(kGolden);
  Collector enough({"--reset-after", std::to_string(request.size())});
  CHECK(fixture::ask(enough.port(), request).status == 202);
  Collector less({"--reset-after", std::to_string(request.size() - 1)});
  Connection connection(less.port());
  connection.send(request);
  CHECK(connection.is_reset());
  CHECK_FALSE(is_kept(less));
}

TEST_CASE("--drip sends a byte a second, and the rest at once when the program ends") {
  Collector collector({"--drip"});
  Connection connection(collector.port());
  connection.send(post_request(kGolden));
  const auto begin = Clock::now();
  REQUIRE(connection.wait_for("HTT"));
  CHECK(Clock::now() - begin >= 1900ms);
  CHECK(faults(collector)["dripped"] == 1);
  collector.end(SIGTERM);
  CHECK(connection.receive_all().starts_with("P/1.1 202"));
}

TEST_CASE("--down-for refuses connections, then says so and accepts them") {
  Collector collector({"--down-for", "2s"});
  CHECK(fixture::is_refused(collector.port()));
  CHECK(fixture::get(collector.query_port(), "/health").status == 200);
  REQUIRE(collector.wait_for_output("faults: connections are accepted now\n"));
  CHECK(fixture::post(collector.port(), kGolden).status == 202);

  Collector down({"--down-for", "1m"});
  CHECK(down.end(SIGTERM).took < 10s);
}

TEST_CASE("a port that is taken is reported with faults as without") {
  Collector collector;
  const fixture::Ended ended = fixture::run({"--port", std::to_string(collector.port()), "--query-port", "0", "--drip"});
  CHECK(ended.exit_code == 1);
  CHECK(ended.err.find("port " + std::to_string(collector.port())) != std::string::npos);
}

TEST_CASE("a fault that cannot be understood ends the program with 2 and the words of the option") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--fail", "200"}, {"--latency", "soon"}, {"--stall=2"}, {"--reset-after", "0"}, {"--drip=x"},
        {"--down-for", "-1s"}, {"--seed", "x"}, {"--tee", "jaeger"}}) {
    const fixture::Ended ended = fixture::run(arguments);
    CHECK(ended.exit_code == 2);
    CHECK_MESSAGE(ended.err.find(arguments[0].substr(0, arguments[0].find('=')) + ": '") != std::string::npos, ended.err);
  }
}

TEST_CASE("through all faults, what is kept is what was answered with 202") {
  Collector collector({"--fail", "503:0.2", "--fail", "302:0.1@Location=http://127.0.0.1:1/", "--latency", "0ms..5ms", "--reset-after",
                       "200:0.2", "--stall=0.05"});
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::vector<Sent>> sent(kThreads);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 1; i <= kEach; ++i) sent[thread].push_back(send_span(collector, 1000 * thread + i));
    });
  }
  for (std::thread& thread : threads) thread.join();

  json counts;
  const auto settled = [&] {
    counts = faults(collector);
    const json& failed = counts["failed"];
    const int answered = counts["accepted"].get<int>() + failed.value("503", 0) + failed.value("302", 0);
    return answered == counts["requests"] && answered + counts["reset"].get<int>() + counts["stalled"].get<int>() == kThreads * kEach;
  };
  CHECK_MESSAGE(fixture::eventually(settled), counts.dump());
  const std::set<std::string> kept = kept_operations(collector);
  collector.end(SIGTERM);  // so that those who stall hang up too

  std::set<std::string> accepted;
  for (auto& of_thread : sent) {
    for (Sent& one : of_thread) {
      if (one.connection.reply().status == 202) accepted.insert(one.operation);
    }
  }
  CHECK(kept == accepted);
  CHECK(counts["accepted_spans"] == accepted.size());
  CHECK(accepted.size() > 20);
  for (const char* fault : {"reset", "stalled", "delayed"}) CHECK_MESSAGE(counts[fault] > 0, fault);
}

TEST_CASE("--tee passes on what is accepted, and nothing else") {
  Collector behind;
  Collector collector({"--tee", url_of(behind), "--fail", "503:0.5", "--seed", "3"});
  int accepted = 0;
  for (int i = 1; i <= 20; ++i) {
    const auto id = static_cast<std::uint64_t>(i);
    if (fixture::post(collector.port(), samples::batch_bytes({{.trace_id = {0, id}, .id = id}})).status == 202) ++accepted;
  }
  fixture::post(collector.port(), "no batch");
  REQUIRE(fixture::eventually([&] { return faults(collector)["tee"]["passed"] == accepted; }));
  CHECK(faults(behind)["accepted_spans"] == accepted);
  CHECK(faults(behind)["requests"] == accepted);
  const std::string all = "/api/v3/services";
  CHECK(fixture::get(behind.query_port(), all).body == fixture::get(collector.query_port(), all).body);
  CHECK(collector.end(SIGTERM).out.find("tee: " + std::to_string(accepted) + " passed on, 0 failed, 0 dropped\n") != std::string::npos);
}

TEST_CASE("a tee whose collector stalls neither slows the answers nor keeps the program from ending") {
  Collector behind({"--stall"});
  Collector collector({"--tee", url_of(behind)});
  const auto statuses = post_one_after_the_other(collector, 20);
  CHECK(std::count(statuses.begin(), statuses.end(), 202) == 20);
  const fixture::Ended ended = collector.end(SIGTERM);
  CHECK(ended.took < 10s);
  CHECK(ended.out.find("tee: 0 passed on, 1 failed, 19 dropped\n") != std::string::npos);
}

TEST_CASE("a tee that is refused says so once, and again when it is taken") {
  Collector behind({"--fail", "500:0.5", "--seed", "5"});
  Collector collector({"--tee", url_of(behind)});
  const auto passed = [&] { return faults(collector)["tee"]["passed"].get<int>(); };
  const auto failed = [&] { return faults(collector)["tee"]["failed"].get<int>(); };
  while (passed() + failed() < 100 && (passed() == 0 || failed() == 0)) {
    const int before = passed() + failed();
    fixture::post(collector.port(), kGolden);
    REQUIRE(fixture::eventually([&] { return passed() + failed() > before; }));
  }
  CHECK(passed() > 0);
  CHECK(failed() > 0);
  CHECK(collector.end(SIGTERM).err.find("--tee " + url_of(behind) + "/api/traces: answered 500") != std::string::npos);
}

TEST_CASE("a collector is not its own tee") {
  const fixture::Ended free_port = [] {
    Collector taken;
    const int port = taken.port();
    taken.end(SIGTERM);
    return fixture::run({"--port", std::to_string(port), "--query-port", "0", "--tee", "http://127.0.0.1:" + std::to_string(port)});
  }();
  CHECK(free_port.exit_code == 1);
  CHECK(free_port.err.find("is this collector itself") != std::string::npos);
}

TEST_CASE("an ingest port with faults serves in a test's own process, and its faults may change") {
  using namespace jtrace::collector;
  Store store(100 << 20);
  Ingest ingest(store, [] {});
  FaultOptions options;
  options.drip = 1;
  options.drip_pause = 0ms;
  FaultPlan plan(options);
  IngestPort port([&](const HttpRequest& request) { return ingest.handle(request); }, {1 << 20, 8 << 20}, plan);
  REQUIRE_FALSE(port.listen("127.0.0.1", 0));
  CHECK(fixture::post(port.port(), kGolden).status == 202);
  CHECK(plan.counts().dripped == 1);

  options.drip = 0;
  options.fails = {{503, 1, "", ""}};
  plan.change(options);
  CHECK(fixture::post(port.port(), kGolden).status == 503);
  CHECK(plan.counts().accepted == 1);
  CHECK(store.stats().spans == 1);
}
