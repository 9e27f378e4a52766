// From finish() to a status: what goes over the wire, what becomes of every span when the collector fails in
// every way, and that flush and close keep their deadlines. The law of the counters is looked at after each.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/environment.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using support::Answer;
using support::HttpServer;
using support::LogCapture;
using support::SentBatch;
using support::SentSpan;
using support::SentTag;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Upper bound of what should be a matter of milliseconds.
constexpr auto kSoon = 30s;

Answer manner(Answer::Manner how) {
  return {.body = {}, .headers = {}, .manner = how};
}
Answer status(int code) {
  return {.status = code, .body = {}, .headers = {}};
}

// A tracer for one test; it sends only when told, and its counters must close at every look.
class TestTracer {
 public:
  explicit TestTracer(const std::string& endpoint, jtrace::Config config = {}) {
    config.endpoint = endpoint;
    if (!config.service_name.is_set()) config.service_name = "test";
    if (!config.flush_interval.is_set()) config.flush_interval = 1h;
    if (!config.max_retry_time.is_set()) config.max_retry_time = 0s;  // each attempt is the last, unless a test is about retrying
    auto made = jtrace::make_tracer(config);
    INFO(made.error().message());
    REQUIRE(made.has_value());
    tracer_ = *made;
  }
  ~TestTracer() { tracer_.close(2s); }

  const jtrace::Tracer* operator->() const { return &tracer_; }
  const jtrace::Tracer& operator*() const { return tracer_; }

  void finish(int count, const std::string& name = "x") const {
    for (int i = 0; i < count; ++i) tracer_.start_span(name, {.tags = {{"n", i}}}).finish();
  }
  bool flush() const { return tracer_.flush(kSoon); }
  // At a quiescent point: the law holds.
  jtrace::Stats stats() const {
    const jtrace::Stats stats = tracer_.stats();
    CAPTURE(stats.finished);
    CAPTURE(stats.acknowledged);
    CAPTURE(stats.queued);
    CAPTURE(stats.dropped());
    CAPTURE(stats.failed());
    CHECK(stats.is_balanced());
    return stats;
  }

 private:
  jtrace::Tracer tracer_;
};

template <class F>
Clock::duration time_of(F&& f) {
  const auto start = Clock::now();
  f();
  return Clock::now() - start;
}

const SentTag& tag_of(const SentSpan& span, const std::string& key) {
  static const SentTag none;
  const SentTag* tag = span.tag(key);
  CAPTURE(key);
  CHECK(tag);
  return tag ? *tag : none;
}

}  // namespace

TEST_CASE("one span is one POST, with the headers that Jaeger wants and none that stall it") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  tracer.finish(1);
  CHECK(tracer.flush());
  const auto requests = server.requests();
  REQUIRE(requests.size() == 1);
  const support::Request& request = requests[0];
  CHECK(request.method == "POST");
  CHECK(request.target == "/api/traces");
  CHECK(request.version == "HTTP/1.1");
  CHECK(request.count("Content-Type") == 1);
  CHECK(request.header("Content-Type") == "application/x-thrift");
  CHECK(request.count("Content-Length") == 1);
  CHECK(request.header("Content-Length") == std::to_string(request.body.size()));
  CHECK(request.count("Transfer-Encoding") == 0);
  CHECK(request.count("Content-Encoding") == 0);
  CHECK(request.count("Expect") == 0);
  CHECK(request.count("Authorization") == 0);
  CHECK(request.header("Host") == server.host_and_port());
  CHECK(support::decode_batch(request.body).spans.size() == 1);
}

TEST_CASE("a large body has no Expect header either, and is one whole batch") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  const std::string text(20'000, 'x');
  for (int i = 0; i < 60; ++i) tracer->start_span("big", {.tags = {{"text", text}}}).finish();
  CHECK(tracer.flush());
  for (const support::Request& request : server.requests()) {
    CHECK(request.count("Expect") == 0);
    CHECK(request.header("Content-Length") == std::to_string(request.body.size()));
  }
  CHECK(support::spans_of(server).size() == 60);
  CHECK(tracer.stats().acknowledged == 60);
}

TEST_CASE("what was recorded is what arrives: names, types, logs, references, times") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint(), {.service_name = "测试应用名称"});
  const auto start = jtrace::Timestamp(1'600'000'000'123'456us);
  const jtrace::SpanContext other({7, 8}, {9}, true);
  jtrace::SpanContext parent_context, child_context;
  {
    auto parent = tracer->start_active_span("родитель 🙂");
    parent_context = parent->context();
    auto child = tracer->start_span(
        "child",
        {.follows_from = {other, parent_context}, .kind = jtrace::Kind::client, .start_time = start});
    child_context = child.context();
    child.set_tag("text", "v")
        .set_tag("empty", "")
        .set_tag("yes", true)
        .set_tag("no", false)
        .set_tag("minus", -1);
    child.set_tag("least", std::numeric_limits<std::int64_t>::min())
        .set_tag("most", std::numeric_limits<std::uint64_t>::max());
    child.set_tag("tenth", 0.1)
        .set_tag("bytes", jtrace::bytes("\x00\xff\xfe", 3))
        .set_tag("twice", 1)
        .set_tag("twice", "last");
    child.log("event", {{"n", 1}, {"ok", true}}, start + 100us);
    child.set_error("bad");
    child.finish(start + 2500us);
  }
  CHECK(tracer.flush());
  const SentBatch batch = support::decode_batch(server.requests().at(0).body);
  CHECK(batch.service == "测试应用名称");
  const SentSpan root = support::find_span(batch.spans, "родитель 🙂"),
                 child = support::find_span(batch.spans, "child");

  CHECK(root.trace_id_high == parent_context.trace_id().high);
  CHECK(root.trace_id_low == parent_context.trace_id().low);
  CHECK(root.span_id == parent_context.span_id().value);
  CHECK(root.parent_span_id == 0);
  CHECK(root.references.empty());
  CHECK(root.flags == 1);
  CHECK(root.duration >= 1);

  CHECK(child.trace_id_high == root.trace_id_high);
  CHECK(child.trace_id_low == root.trace_id_low);
  CHECK(child.span_id == child_context.span_id().value);
  CHECK(child.parent_span_id == root.span_id);
  REQUIRE(child.references.size() == 3);
  CHECK(child.references[0].is_child_of);
  CHECK(child.references[0].span_id == root.span_id);
  CHECK(child.references[0].trace_id_low == root.trace_id_low);
  CHECK(child.references[0].trace_id_high == root.trace_id_high);
  CHECK_FALSE(child.references[1].is_child_of);
  CHECK(child.references[1].trace_id_high == 7);
  CHECK(child.references[1].trace_id_low == 8);
  CHECK(child.references[1].span_id == 9);
  CHECK_FALSE(child.references[2].is_child_of);
  CHECK(child.flags == 1);
  CHECK(child.start == 1'600'000'000'123'456);
  CHECK(child.duration == 2500);

  CHECK(child.text("span.kind") == "client");
  CHECK(child.text("text") == "v");
  CHECK(tag_of(child, "empty").type == SentTag::Type::text);
  CHECK(tag_of(child, "empty").text.empty());
  CHECK(tag_of(child, "yes").type == SentTag::Type::boolean);
  CHECK(tag_of(child, "yes").boolean);
  CHECK(tag_of(child, "no").type == SentTag::Type::boolean);
  CHECK_FALSE(tag_of(child, "no").boolean);
  CHECK(tag_of(child, "minus").type == SentTag::Type::integer);
  CHECK(tag_of(child, "minus").integer == -1);
  CHECK(tag_of(child, "least").integer == std::numeric_limits<std::int64_t>::min());
  CHECK(child.text("most") == "18446744073709551615");
  CHECK(tag_of(child, "tenth").type == SentTag::Type::floating);
  CHECK(tag_of(child, "tenth").floating == 0.1);
  CHECK(tag_of(child, "bytes").type == SentTag::Type::binary);
  CHECK(tag_of(child, "bytes").text == std::string("\x00\xff\xfe", 3));
  CHECK(child.count("twice") == 1);
  CHECK(child.text("twice") == "last");
  CHECK(child.count("error") == 1);
  CHECK(tag_of(child, "error").type == SentTag::Type::boolean);
  CHECK(tag_of(child, "error").boolean);
  // Sampler tags are for roots.
  CHECK_FALSE(child.tag("sampler.type"));

  REQUIRE(child.logs.size() == 2);
  CHECK(child.logs[0].timestamp == start.time_since_epoch() / 1us + 100);
  REQUIRE(child.logs[0].fields.size() == 3);
  CHECK(child.logs[0].fields[0].key == "event");
  CHECK(child.logs[0].field("n")->integer == 1);
  CHECK(child.logs[0].field("ok")->boolean);
  CHECK(child.logs[1].field("event")->text == "error");
  CHECK(child.logs[1].field("message")->text == "bad");
}

TEST_CASE("a span below a remote parent keeps that trace and has no sampler tags") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  tracer->start_span("remote child", {.child_of = jtrace::SpanContext({0, 0xabc}, {0xff}, true)}).finish();
  CHECK(tracer.flush());
  const SentSpan span = support::find_span(support::spans_of(server), "remote child");
  CHECK(span.trace_id_high == 0);
  CHECK(span.trace_id_low == 0xabc);
  CHECK(span.parent_span_id == 0xff);
  CHECK_FALSE(span.tag("sampler.type"));
  CHECK_FALSE(span.tag("sampler.param"));
}

TEST_CASE("invalid UTF-8 arrives with replacement characters, bytes meant as bytes arrive as they are") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  auto span = tracer->start_span("bad \xff name");
  span.set_tag("text", "a\xc3(b")
      .set_tag("cut", "ab\xe6\xb5")
      .set_tag("good", "测试 ü")
      .set_tag("key \xfe", 1);
  span.set_tag("bytes", jtrace::bytes("\xff\xfe", 2)).log("event \x80", {{"field", "\xed\xa0\x80"}});
  span.finish();
  CHECK(tracer.flush());
  const auto spans = support::spans_of(server);
  REQUIRE(spans.size() == 1);
  const std::string mark = "\xef\xbf\xbd";
  CHECK(spans[0].name == "bad " + mark + " name");
  CHECK(spans[0].text("text") == "a" + mark + "(b");
  CHECK(spans[0].text("cut").starts_with("ab" + mark));
  CHECK(spans[0].text("good") == "测试 ü");
  CHECK(spans[0].tag("key " + mark));
  CHECK(tag_of(spans[0], "bytes").text == "\xff\xfe");
  REQUIRE(spans[0].logs.size() == 1);
  CHECK(spans[0].logs[0].field("event")->text == "event " + mark);
  CHECK(spans[0].logs[0].field("field")->text.find('\xed') == std::string::npos);
  CHECK(spans[0].logs[0].field("field")->text.find(mark) != std::string::npos);
}

TEST_CASE("every kind of success counts as acknowledged") {
  for (const int code : {200, 201, 202, 204}) {
    CAPTURE(code);
    const HttpServer server(status(code));
    const TestTracer tracer(server.endpoint());
    tracer.finish(3);
    CHECK(tracer.flush());
    const auto stats = tracer.stats();
    CHECK(stats.acknowledged == 3);
    CHECK(stats.batches == 1);
    CHECK(stats.bytes == server.requests().at(0).body.size());
  }
}

TEST_CASE("a success with a page is no collector's: its spans are rejected") {
  for (const std::string type : {"text/html", "text/html; charset=utf-8", "Text/HTML;charset=UTF-8"}) {
    CAPTURE(type);
    const LogCapture log;
    const HttpServer ui({.status = 200, .body = "<!doctype html>\n<title>Jaeger UI</title>", .headers = {{"Content-Type", type}}});
    const TestTracer tracer(ui.endpoint());
    tracer.finish(3);
    CHECK(tracer.flush());
    const auto stats = tracer.stats();
    CHECK(stats.failures.rejected == 3);
    CHECK(stats.acknowledged == 0);
    CHECK(ui.requests().size() == 1);
  }
}

TEST_CASE("an answer whose first line is no status line acknowledges nothing") {
  for (const std::string version : {"HTTP/", "HTTP/!1.1", "HTTP/x", "HTTP/.0", "http/1.1"}) {
    CAPTURE(version);
    const LogCapture log;
    const HttpServer server({.status = 202, .body = {}, .headers = {}, .version = version});
    const TestTracer tracer(server.endpoint());
    tracer.finish(3);
    CHECK(tracer.flush());
    const auto stats = tracer.stats();
    CHECK(stats.acknowledged == 0);
    CHECK(stats.failures.unreachable == 3);
  }
}

TEST_CASE("any other success is a success, whatever its words") {
  for (const std::string type : {"text/plain; charset=utf-8", "application/json", "text/htmlx", "application/xhtml+xml", ""}) {
    CAPTURE(type);
    const HttpServer server({.status = 200, .body = "<html>", .headers = {{"Content-Type", type}}});
    const TestTracer tracer(server.endpoint());
    tracer.finish(3);
    CHECK(tracer.flush());
    CHECK(tracer.stats().acknowledged == 3);
  }
}

TEST_CASE("a refusing address fails spans as unreachable") {
  const LogCapture log;
  const TestTracer tracer(support::refusing_endpoint());
  tracer.finish(3);
  CHECK(tracer.flush());
  const auto stats = tracer.stats();
  CHECK(stats.failures.unreachable == 3);
  CHECK(stats.queued == 0);
}

TEST_CASE("a host that does not exist, and https to a server without TLS, fail spans as unreachable") {
  const LogCapture log;
  const TestTracer nowhere("http://no-such-host.invalid:14268/api/traces");
  nowhere.finish(2);
  CHECK(nowhere.flush());
  CHECK(nowhere.stats().failures.unreachable == 2);

  const HttpServer server;
  const TestTracer tls("https://" + server.host_and_port() + "/api/traces", {.request_timeout = 2s});
  tls.finish(2);
  CHECK(tls.flush());
  CHECK(tls.stats().failed() == 2);
  CHECK(server.requests().empty());
}

TEST_CASE("a server that never answers fails spans as timeout") {
  const LogCapture log;
  for (const auto reading : {HttpServer::Reading::always, HttpServer::Reading::never}) {
    const HttpServer server(manner(Answer::Manner::never), HttpServer::Family::ipv4, reading);
    const TestTracer tracer(server.endpoint(), {.request_timeout = 200ms});
    tracer.finish(3);
    CHECK(tracer.flush());
    CHECK(tracer.stats().failures.timeout == 3);
  }
}

TEST_CASE("a network that swallows every attempt to connect fails spans within the connect timeout") {
  const LogCapture log;
  const support::BlackHole hole;
  const TestTracer tracer(hole.endpoint(), {.connect_timeout = 200ms});
  tracer.finish(3);
  CHECK(tracer.flush());
  const auto stats = tracer.stats();
  CHECK(stats.failures.timeout + stats.failures.unreachable == 3);
}

TEST_CASE("answers are told apart: 4xx and other non-successes rejected, 5xx server_error") {
  const LogCapture log;
  for (const int code : {301, 302, 304, 400, 401, 403, 404, 405, 415, 429}) {
    CAPTURE(code);
    const HttpServer server({.status = code, .body = "no", .headers = {{"Location", "/elsewhere"}}});
    const TestTracer tracer(server.endpoint());
    tracer.finish(2);
    CHECK(tracer.flush());
    CHECK(tracer.stats().failures.rejected == 2);
    CHECK(server.requests().size() == 1);  // neither repeated nor redirected
  }
  for (const int code : {500, 502, 503, 504}) {
    CAPTURE(code);
    const HttpServer server(status(code));
    const TestTracer tracer(server.endpoint());
    tracer.finish(2);
    CHECK(tracer.flush());
    CHECK(tracer.stats().failures.server_error == 2);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE(
    "a connection that breaks before or within the answer fails its spans, and the next batch is tried") {
  const LogCapture log;
  HttpServer server;
  const TestTracer tracer(server.endpoint());
  server.answers(manner(Answer::Manner::reset));
  tracer.finish(2);
  CHECK(tracer.flush());
  CHECK(tracer.stats().failed() == 2);
  server.answers(manner(Answer::Manner::reset_midway));
  tracer.finish(2);
  CHECK(tracer.flush());
  CHECK(tracer.stats().failed() == 4);
  server.answers(202);
  tracer.finish(2);
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == 2);
}

TEST_CASE("an answer that drips in is an answer") {
  const HttpServer server({.body = std::string(200, '.'), .headers = {}, .manner = Answer::Manner::drip});
  const TestTracer tracer(server.endpoint());
  tracer.finish(2);
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == 2);
}

TEST_CASE("a collector that fails and comes back gets the next batches") {
  const LogCapture log;
  HttpServer server;
  const TestTracer tracer(server.endpoint());
  for (int i = 0; i < 3; ++i) {
    server.answers(500);
    tracer.finish(2);
    CHECK(tracer.flush());
    server.answers(202);
    tracer.finish(2);
    CHECK(tracer.flush());
  }
  CHECK(tracer.stats().failures.server_error == 6);
  CHECK(tracer.stats().acknowledged == 6);
}

TEST_CASE("one connection is kept where the server allows it") {
  const LogCapture log;
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  for (int i = 0; i < 5; ++i) {
    tracer.finish(2);
    CHECK(tracer.flush());
  }
  CHECK(server.requests().size() == 5);
  CHECK(server.connections() == 1);
  CHECK(tracer.stats().acknowledged == 10);
}

TEST_CASE("a server that closes after each answer is normal: no failure, no line") {
  const LogCapture log;
  const HttpServer server({.body = {}, .headers = {}, .keep_alive = false});
  const TestTracer tracer(server.endpoint());
  for (int i = 0; i < 5; ++i) {
    tracer.finish(2);
    CHECK(tracer.flush());
  }
  CHECK(server.requests().size() == 5);
  CHECK(server.connections() == 5);
  CHECK(tracer.stats().acknowledged == 10);
  CHECK(tracer.stats().failed() == 0);
  CHECK(log.text().empty());
}

TEST_CASE("a server that closes kept connections without a word loses nothing") {
  const LogCapture log;
  const HttpServer server(manner(Answer::Manner::hang_up));
  const TestTracer tracer(server.endpoint());
  for (std::size_t i = 1; i <= 5; ++i) {
    tracer.finish(2);
    CHECK(tracer.flush());
    CHECK(server.wait_for_connections(i));
  }
  CHECK(tracer.stats().acknowledged == 10);
  CHECK(tracer.stats().failed() == 0);
}

TEST_CASE("a full queue refuses the newest, counts them and says so once; what it holds is delivered later") {
  const LogCapture log;
  HttpServer server(manner(Answer::Manner::held));
  const TestTracer tracer(server.endpoint(), {.max_queue_bytes = 1 << 20});
  const auto took = time_of([&] {
    for (int i = 0; i < 100 && tracer->stats().drops.queue_full < 1000; ++i) tracer.finish(1000);
  });
  CHECK(took < 30s);
  const auto full = tracer.stats();
  CHECK(full.drops.queue_full >= 1000);
  CHECK(full.queued > 1000);
  CHECK(full.acknowledged == 0);
  CHECK(full.queued + full.drops.queue_full == full.finished);
  server.let_go();
  CHECK(tracer.flush());
  const auto after = tracer.stats();
  CHECK(after.queued == 0);
  CHECK(after.acknowledged == full.queued);
  CHECK(support::spans_of(server).size() == after.acknowledged);
  CHECK(log.count(jtrace::LogLevel::warn) <= 1);
  // And there is room again.
  tracer.finish(1000);
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == after.acknowledged + 1000);
}

TEST_CASE("too many open spans are counted, harm nobody, and there is room again when they are finished") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint(), {.max_open_bytes = 1 << 20});
  std::vector<jtrace::Span> open;
  for (int i = 0; i < 20'000; ++i) {
    open.push_back(tracer->start_span("open"));
    open.back().set_tag("n", i);
  }
  CHECK(tracer->stats().drops.open_limit > 0);
  open.clear();
  CHECK(tracer.flush());
  const auto stats = tracer.stats();
  CHECK(stats.drops.open_limit > 10'000);
  CHECK(stats.acknowledged > 500);
  CHECK(stats.acknowledged + stats.drops.open_limit == 20'000);
  tracer.finish(100);
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == stats.acknowledged + 100);
}

TEST_CASE("over the limit of open spans a span has no context: its children begin traces, the span above stays active") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint(), {.max_open_bytes = 64 << 10});
  auto above = tracer->start_active_span("above");
  std::vector<jtrace::Span> open;
  for (int i = 0; i < 10'000 && tracer->stats().drops.open_limit == 0; ++i) open.push_back(tracer->start_span("open"));
  {
    auto refused = tracer->start_span("refused");
    auto refused_active = tracer->start_active_span("refused, active");
    CHECK_FALSE(refused.context().is_valid());
    CHECK_FALSE(refused_active->context().is_valid());
    CHECK(tracer->stats().drops.open_limit == 3);
    open.clear();
    tracer->start_span("below", {.child_of = refused}).finish();
    tracer->start_span("beside").finish();
  }
  const auto parent = above->context();
  above.close();
  CHECK(tracer.flush());
  const auto spans = support::spans_of(server);
  CHECK(support::find_span(spans, "below").parent_span_id == 0);
  CHECK(support::find_span(spans, "below").trace_id_low != parent.trace_id().low);
  CHECK(support::find_span(spans, "beside").parent_span_id == parent.span_id().value);
  CHECK(tracer.stats().drops.open_limit == 3);
}

TEST_CASE(
    "a span over the limit keeps its identity and is cut, or is dropped and counted; its neighbours arrive "
    "whole") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  tracer.finish(3, "before");
  auto big = tracer->start_span("big");
  big.set_tag("first", "kept").set_tag("huge", std::string(3 << 20, 'x')).set_error("still marked");
  const auto context = big.context();
  big.finish();
  tracer.finish(3, "after");
  CHECK(tracer.flush());
  const auto stats = tracer.stats();
  const auto spans = support::spans_of(server);
  CHECK(std::count_if(spans.begin(), spans.end(), [](const SentSpan& s) { return s.name != "big"; }) == 6);
  CHECK(stats.acknowledged + stats.drops.too_large == 7);
  CHECK(stats.cut + stats.drops.too_large == 1);
  if (stats.cut == 1) {
    const SentSpan span = support::find_span(spans, "big");
    CHECK(span.span_id == context.span_id().value);
    CHECK(span.trace_id_low == context.trace_id().low);
    CHECK(span.text("first") == "kept");
    CHECK(tag_of(span, "error").boolean);
  }
  for (const support::Request& request : server.requests()) CHECK(request.body.size() <= (1u << 20));
}

TEST_CASE("a text is cut between characters") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  std::string text;
  while (text.size() < (200 << 10)) text += "测";
  auto span = tracer->start_span("big");
  span.set_tag("text", text);
  span.finish();
  CHECK(tracer.flush());
  const auto spans = support::spans_of(server);
  if (!spans.empty() && spans[0].tag("text"))
    CHECK(spans[0].text("text").find("\xef\xbf\xbd") == std::string::npos);
  CHECK(tracer.stats().cut + tracer.stats().drops.too_large == 1);
}

TEST_CASE("batches respect their limit, and nothing is lost between them") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint(), {.max_batch_bytes = 64 << 10});
  for (int i = 0; i < 5000; ++i)
    tracer->start_span("x", {.tags = {{"n", i}, {"text", std::string(50, 'x')}}}).finish();
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == 5000);
  CHECK(tracer.stats().batches == server.requests().size());
  CHECK(server.requests().size() >= 8);
  std::set<std::int64_t> seen;
  for (const SentSpan& span : support::spans_of(server)) seen.insert(tag_of(span, "n").integer);
  CHECK(seen.size() == 5000);
  for (const support::Request& request : server.requests()) CHECK(request.body.size() <= (64u << 10));
}

TEST_CASE("a large batch limit is reached when there is enough to send") {
  HttpServer server;
  server.answers_next(manner(Answer::Manner::held));
  const TestTracer tracer(server.endpoint());
  tracer.finish(30'000);
  server.let_go();
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == 30'000);
  CHECK(server.requests().size() <= 30);
  for (const support::Request& request : server.requests()) CHECK(request.body.size() <= (1u << 20));
}

TEST_CASE("flush sends what was finished before it, from every thread, and is true when it has its status") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  std::vector<std::thread> threads;
  std::atomic<int> here{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      tracer.finish(500);
      ++here;
      here.notify_all();
      here.wait(-1);  // stays alive: its spans are still in its own chunk
    });
  }
  for (int seen = here; seen < 4; seen = here) here.wait(seen);
  CHECK(tracer.flush());
  CHECK(support::spans_of(server).size() == 2000);
  CHECK(tracer.stats().acknowledged == 2000);
  here = -2;
  here.notify_all();
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("flush with nothing to send is true at once and sends nothing") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  CHECK(tracer->flush(kSoon));
  tracer.finish(1);
  CHECK(tracer.flush());
  CHECK(tracer.flush());
  CHECK(server.requests().size() == 1);
}

TEST_CASE("flush with no time asks and does not wait") {
  HttpServer server(manner(Answer::Manner::held));
  const TestTracer tracer(server.endpoint());
  tracer.finish(1);
  CHECK_FALSE(tracer->flush(0s));
  CHECK_FALSE(tracer->flush(-1s));
  server.let_go();
  CHECK(tracer.flush());
}

TEST_CASE("several threads may flush at once") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        tracer.finish(10);
        failed += !tracer.flush();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(tracer.stats().acknowledged == 1000);
  CHECK(support::spans_of(server).size() == 1000);
}

TEST_CASE("flush and close keep their deadline of 200 ms within 50 ms, whatever the collector does") {
  // A busy machine wakes a thread late now and then; a library that waits too long does so every time. So one
  // of ten attempts has to be right, and none may be early.
  const LogCapture log;
  const HttpServer deaf({}, HttpServer::Family::ipv4, HttpServer::Reading::never);
  const HttpServer silent(manner(Answer::Manner::never));
  const support::BlackHole hole;
  for (const std::string& endpoint : {deaf.endpoint(), silent.endpoint(), hole.endpoint()}) {
    CAPTURE(endpoint);
    bool flush_is_right = false, close_is_right = false;
    for (int i = 0; i < 10 && !(flush_is_right && close_is_right); ++i) {
      const TestTracer tracer(endpoint);
      // More than the kernel's buffers take, so that the way is really blocked.
      for (int n = 0; n < 200; ++n) {
        tracer->start_span("x", {.tags = {{"text", std::string(8000, 'x')}}}).finish();
      }
      const auto flush = time_of([&] { CHECK_FALSE(tracer->flush(200ms)); });
      CHECK(flush >= 200ms);
      flush_is_right |= flush <= 250ms;
      CHECK(tracer.stats().queued == 200);
      const auto close = time_of([&] { CHECK_FALSE(tracer->close(200ms)); });
      CHECK(close >= 200ms);
      close_is_right |= close <= 250ms;
      const auto stats = tracer.stats();
      CHECK(stats.failures.aborted == 200);
      CHECK(stats.queued == 0);
    }
    CHECK(flush_is_right);
    CHECK(close_is_right);
  }
}

TEST_CASE("flush and close do not wait for the deadline when nobody listens") {
  const LogCapture log;
  const TestTracer tracer(support::refusing_endpoint());
  tracer.finish(100);
  CHECK(time_of([&] { CHECK(tracer->flush(20s)); }) < 10s);
  tracer.finish(100);
  CHECK(time_of([&] { CHECK(tracer->close(20s)); }) < 10s);
  CHECK(tracer.stats().failures.unreachable == 200);
}

TEST_CASE("the caller does not notice a collector that does not read") {
  const LogCapture log;
  const HttpServer deaf({}, HttpServer::Family::ipv4, HttpServer::Reading::never);
  const TestTracer tracer(deaf.endpoint(), {.flush_interval = 1ms, .max_queue_bytes = 1 << 20});
  Clock::duration worst{}, total{};
  for (int i = 0; i < 20'000; ++i) {
    const auto took = time_of([&] { tracer.finish(1); });
    worst = std::max(worst, took);
    total += took;
  }
  CHECK(total < 10s);  // some 20 ms where nothing else runs
  CHECK(worst < 2s);   // the time-out of a POST would be 10 s
  tracer->close(0s);
  CHECK(tracer.stats().finished == 20'000);
}

TEST_CASE("close sends what was finished before it; later spans are inert, later finishes are counted") {
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  auto open = tracer->start_span("open");
  tracer.finish(5);
  CHECK(tracer->close(kSoon));
  CHECK(tracer.stats().acknowledged == 5);
  open.set_tag("late", 1);
  open.finish();
  CHECK(tracer.stats().drops.closed == 1);
  CHECK_FALSE(tracer->start_span("later"));
  CHECK_FALSE(tracer->start_span("later").context().is_valid());
  CHECK_FALSE(tracer->enabled());
  CHECK(tracer->close(kSoon));
  CHECK(tracer->flush(kSoon));
  CHECK(support::spans_of(server).size() == 5);
}

TEST_CASE("close may be called by several threads while others finish spans, and the counters close") {
  const HttpServer server;
  for (int round = 0; round < 20; ++round) {
    const TestTracer tracer(server.endpoint());
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) threads.emplace_back([&] { tracer.finish(300); });
    for (int t = 0; t < 2; ++t) threads.emplace_back([&] { tracer->close(kSoon); });
    for (std::thread& thread : threads) thread.join();
    const auto stats = tracer.stats();
    CAPTURE(stats.drops.closed);
    CAPTURE(stats.drops.queue_full);
    CAPTURE(stats.drops.open_limit);
    CAPTURE(stats.failures.aborted);
    CHECK(stats.acknowledged + stats.drops.closed == stats.finished);
    CHECK(stats.queued == 0);
  }
}

TEST_CASE("two tracers keep their spans apart") {
  const HttpServer one, two;
  const TestTracer first(one.endpoint(), {.service_name = "one"}),
      second(two.endpoint(), {.service_name = "two"});
  {
    auto outer = first->start_active_span("outer");
    auto inner = second->start_active_span("inner");
    auto near = jtrace::start_span("near");  // by the active span's tracer
    auto child = outer->start_child("child");
  }
  CHECK(first.flush());
  CHECK(second.flush());
  const auto in_one = support::spans_of(one), in_two = support::spans_of(two);
  CHECK(in_one.size() == 2);
  CHECK(in_two.size() == 2);
  CHECK(support::find_span(in_two, "inner").parent_span_id == support::find_span(in_one, "outer").span_id);
  CHECK(support::find_span(in_two, "near").parent_span_id == support::find_span(in_two, "inner").span_id);
  CHECK(support::find_span(in_one, "child").parent_span_id == support::find_span(in_one, "outer").span_id);
  CHECK(support::decode_batch(one.requests().at(0).body).service == "one");
  CHECK(support::decode_batch(two.requests().at(0).body).service == "two");
}

TEST_CASE("proxy variables do not lead spans to loopback astray") {
  // A proxy that is not there would make every POST fail; no_proxy says that it is not meant.
  const support::Environment proxy("http_proxy", "http://127.0.0.1:1");
  const support::Environment none("no_proxy", "127.0.0.1");
  const HttpServer server;
  const TestTracer tracer(server.endpoint());
  tracer.finish(1);
  CHECK(tracer.flush());
  CHECK(tracer.stats().acknowledged == 1);
}
