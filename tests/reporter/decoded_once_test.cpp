// However many ways a span goes out, it is decoded once for all of them; and whoever of the program's takes its time with it keeps
// nobody else waiting.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/reporter.h"
#include "record/span_data.h"
#include "support/http_server.h"

namespace {

using namespace std::chrono_literals;
using jtrace::detail::SpanReader;

constexpr std::uint64_t kSpans = 2000;

jtrace::Tracer tracer_of(jtrace::Config config) {
  config.service_name = "svc";
  auto made = jtrace::make_tracer(config);
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}

// How many records are decoded for so many spans.
std::uint64_t decoded_by(const jtrace::Config& config) {
  const auto tracer = tracer_of(config);
  const std::uint64_t before = SpanReader::decoded();
  for (std::uint64_t i = 0; i < kSpans; ++i) tracer.start_span("op").set_tag("i", i).finish();
  CHECK(tracer.close(30s));
  const jtrace::Stats stats = tracer.stats();
  CHECK(stats.is_balanced());
  CHECK(stats.acknowledged == kSpans);
  return SpanReader::decoded() - before;
}

struct Looker final : jtrace::Reporter {
  void report(std::span<const jtrace::FinishedSpan> spans) override { seen += spans.size(); }
  std::size_t seen = 0;
};

// Takes datagrams, and reads none.
class Agent {
 public:
  Agent() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Agent() { close(socket_); }
  Agent(const Agent&) = delete;

  int port() const { return port_; }

 private:
  const int socket_;
  int port_ = 0;
};

std::shared_ptr<jtrace::FinishHook> marker() {
  return jtrace::on_finish([](jtrace::EditableSpan& span) { span.set_tag("seen", true); });
}

}  // namespace

TEST_CASE("Thrift over HTTP alone decodes nothing: records are read as they lie") {
  support::HttpServer server;
  CHECK(decoded_by({.endpoint = server.endpoint()}) == 0);
}

TEST_CASE("each record is decoded once, whoever gets it") {
  support::HttpServer server;
  const auto one = std::make_shared<Looker>(), other = std::make_shared<Looker>();
  for (const char* protocol : {"http/thrift.binary", "http/protobuf", "http/json"}) {
    CAPTURE(protocol);
    jtrace::Config config{.endpoint = server.endpoint(), .protocol = protocol, .max_batch_bytes = 4096};
    if (protocol != std::string("http/thrift.binary")) CHECK(decoded_by(config) == kSpans);
    config.file = "/dev/null";
    config.reporters = {one, other};
    CHECK(decoded_by(config) == kSpans);
    config.finish_hook = marker();
    CHECK(decoded_by(config) == kSpans);
    config.limits = {.tags = 1};
    CHECK(decoded_by(config) == kSpans);
  }
  CHECK(decoded_by({.file = "/dev/null", .reporters = {one, other}}) == kSpans);
  CHECK(one->seen == 10 * kSpans);
  CHECK(other->seen == 10 * kSpans);
}

TEST_CASE("each record is decoded once for an agent, too") {
  const auto looker = std::make_shared<Looker>();
  const Agent agent;
  for (const char* protocol : {"udp/thrift.compact", "udp/thrift.binary"}) {
    CAPTURE(protocol);
    jtrace::Config config{.local_agent = {.reporting_host = "127.0.0.1", .reporting_port = agent.port()}, .protocol = protocol};
    if (protocol == std::string("udp/thrift.compact")) CHECK(decoded_by(config) == kSpans);
    config.reporters = {looker};
    config.finish_hook = marker();
    CHECK(decoded_by(config) == kSpans);
  }
  CHECK(looker->seen == 2 * kSpans);
}

TEST_CASE("a reporter that does not come back keeps another tracer's spans from nobody") {
  struct Stuck final : jtrace::Reporter {
    void report(std::span<const jtrace::FinishedSpan>) override {
      has_begun.count_down();
      may_go_on.wait();
    }
    std::latch has_begun{1}, may_go_on{1};
  };
  const auto stuck = std::make_shared<Stuck>();
  const auto slow = tracer_of({.reporters = {stuck}, .flush_interval = 1ms});
  slow.start_span("slow").finish();
  stuck->has_begun.wait();
  const auto looker = std::make_shared<Looker>();
  const auto other = tracer_of({.reporters = {looker}});
  other.start_span("other").finish();
  CHECK(other.flush(10s));
  CHECK(other.close(1s));
  CHECK(looker->seen == 1);
  stuck->may_go_on.count_down();
  CHECK(slow.close(10s));
}
