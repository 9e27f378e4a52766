// OTLP over HTTP: what is posted, and what becomes of the spans by what the server answers.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "jtrace/jtrace.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using support::Answer;
using support::HttpServer;
using support::LogCapture;
using namespace std::chrono_literals;

Answer answer(int status, std::string body = {}) { return {.status = status, .body = std::move(body), .headers = {}}; }

jtrace::Stats send(const HttpServer& server, const char* protocol, int spans, std::chrono::nanoseconds retry_time = 0s) {
  auto made = jtrace::make_tracer({.service_name = "svc", .endpoint = server.url("/v1/traces"), .protocol = protocol, .flush_interval = 1h,
                                   .retry = {.initial = 1ms, .max = 1ms}, .max_retry_time = retry_time});
  REQUIRE_MESSAGE(made, made.error().message());
  for (int i = 0; i < spans; ++i) made->start_span("op").finish();
  made->close(30s);
  CHECK(made->stats().is_balanced());
  return made->stats();
}

}  // namespace

TEST_CASE("the endpoint's path and the protocol say what is posted") {
  HttpServer server;
  server.answers(answer(200));
  CHECK(send(server, "http/protobuf", 3).acknowledged == 3);
  CHECK(send(server, "http/json", 3).acknowledged == 3);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].header("Content-Type") == "application/x-protobuf");
  CHECK(requests[0].body.front() == '\x0a');
  CHECK(requests[1].header("Content-Type") == "application/json");
  CHECK(requests[1].body.starts_with("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"svc\"}}"));
  CHECK(requests[1].body.ends_with("}]}]}]}"));
}

TEST_CASE("spans that the server says it rejected of a batch are not acknowledged, and not sent again") {
  const LogCapture log;
  HttpServer server;
  server.answers(answer(200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}})"));
  const auto json = send(server, "http/json", 5, 1min);
  CHECK(json.acknowledged == 3);
  CHECK(json.failures.rejected == 2);
  server.answers(answer(200, std::string("\x0a\x06\x08\x02\x12\x02no", 8)));
  const auto protobuf = send(server, "http/protobuf", 5, 1min);
  CHECK(protobuf.acknowledged == 3);
  CHECK(protobuf.failures.rejected == 2);
  server.answers(answer(200, R"({"partialSuccess":{}})"));
  CHECK(send(server, "http/json", 5).acknowledged == 5);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("503 is tried again, 500 and 400 are not") {
  const LogCapture log;
  HttpServer server;
  server.answers(answer(200));
  server.answers_next(answer(503));
  CHECK(send(server, "http/protobuf", 1, 1min).acknowledged == 1);
  CHECK(server.requests().size() == 2);
  server.answers(answer(500));
  CHECK(send(server, "http/protobuf", 1, 1min).failures.server_error == 1);
  server.answers(answer(400));
  CHECK(send(server, "http/protobuf", 1, 1min).failures.rejected == 1);
  CHECK(server.requests().size() == 4);
}
