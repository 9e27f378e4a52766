// tools/jtrace-send/diagnose.h: each way in which a collector cannot be used has its own message, exit code
// and advice.
#include "diagnose.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <utility>

using namespace jtrace_send;

namespace {

HttpAnswer answered(long status, std::string body = {}, std::string content_type = {}) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.content_type = std::move(content_type);
  return answer;
}

HttpAnswer failed(CURLcode code, std::string error = "libcurl's words") {
  HttpAnswer answer;
  answer.code = code;
  answer.error = std::move(error);
  return answer;
}

Diagnosis explained(const HttpAnswer& answer, const char* endpoint = "http://h:14268/api/traces") {
  return explain_collector(answer, *collector_url(endpoint))
      .value_or(Diagnosis{kDelivered, "nothing is wrong", ""});
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("202 with nothing, and any other success with nothing, is a collector") {
  CHECK_FALSE(explain_collector(answered(202), *collector_url("h")).has_value());
  CHECK_FALSE(explain_collector(answered(200), *collector_url("h")).has_value());
  CHECK_FALSE(explain_collector(answered(200, "ok", "text/plain"), *collector_url("h")).has_value());
}

TEST_CASE("a success with a page is the UI or a health check") {
  for (const HttpAnswer& page : {answered(200, "<!DOCTYPE html>", "text/html; charset=utf-8"),
                                 answered(200, R"({"status":"Server available"})", "application/json"),
                                 answered(200, "  page", "text/html")}) {
    const Diagnosis diagnosis = explained(page);
    CHECK(diagnosis.exit_code == kRefused);
    CHECK(contains(diagnosis.problem, "with a page"));
    CHECK(contains(diagnosis.advice, "16686"));
  }
}

TEST_CASE("a closed port is named, and how to open it") {
  HttpAnswer refused = failed(CURLE_COULDNT_CONNECT);
  refused.system_error = ECONNREFUSED;
  const Diagnosis diagnosis = explained(refused);
  CHECK(diagnosis.exit_code == kNotReachable);
  CHECK(diagnosis.problem == "Nothing listens at h:14268: the connection was refused.");
  CHECK(contains(diagnosis.advice, "-p 14268:14268"));
}

TEST_CASE("a port that belongs to something else is called by its name") {
  const std::pair<int, const char*> ports[] = {{4317, "OTLP over gRPC"}, {4318, "OTLP over HTTP"},
                                               {16686, "Jaeger's UI"},   {6831, "the agent's UDP"},
                                               {14250, "Jaeger's gRPC"}, {14269, "admin and health"},
                                               {9411, "Zipkin"},         {13133, "health check"},
                                               {16685, "over gRPC"},     {5778, "sampling"}};
  for (const auto& [port, tenant] : ports) {
    const std::string endpoint = "http://h:" + std::to_string(port);
    for (const HttpAnswer& answer : {failed(CURLE_COULDNT_CONNECT), failed(CURLE_UNSUPPORTED_PROTOCOL),
                                     answered(404), answered(405), answered(200, "<html>", "text/html")}) {
      const std::string advice = explained(answer, endpoint.c_str()).advice;
      CAPTURE(advice);
      CHECK(contains(advice, "Port " + std::to_string(port)));
      CHECK(contains(advice, tenant));
      CHECK(contains(advice, "Try http://h:14268/api/traces."));
    }
  }
}

TEST_CASE("an unknown host is named") {
  const Diagnosis diagnosis = explained(failed(CURLE_COULDNT_RESOLVE_HOST));
  CHECK(diagnosis.exit_code == kNotReachable);
  CHECK(diagnosis.problem == "The host h is not known.");
}

TEST_CASE("silence before the connection differs from silence after it") {
  HttpAnswer silence = failed(CURLE_OPERATION_TIMEDOUT);
  CHECK(contains(explained(silence).advice, "firewall"));
  silence.was_connected = true;
  CHECK(contains(explained(silence).problem, "accepted the connection, but did not answer"));
  CHECK(explained(silence).exit_code == kNotReachable);
}

TEST_CASE("an answer that is no HTTP points at gRPC and at https") {
  for (const CURLcode code : {CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_GOT_NOTHING,
                              CURLE_RECV_ERROR, CURLE_SEND_ERROR}) {
    const Diagnosis diagnosis = explained(failed(code));
    CHECK(diagnosis.exit_code == kNotReachable);
    CHECK(contains(diagnosis.problem, "does not answer in HTTP"));
    CHECK(contains(diagnosis.advice, "gRPC"));
  }
}

TEST_CASE("TLS that fails at plain HTTP advises http, a certificate that fails is explained") {
  CHECK(contains(explained(failed(CURLE_SSL_CONNECT_ERROR)).advice, "http://"));
  const Diagnosis untrusted = explained(failed(CURLE_PEER_FAILED_VERIFICATION));
  CHECK(untrusted.exit_code == kNotReachable);
  CHECK(contains(untrusted.problem, "certificate"));
  CHECK(contains(untrusted.advice, "update-ca-certificates"));
}

TEST_CASE("plain HTTP at a TLS port advises https") {
  const Diagnosis diagnosis = explained(answered(400, "Client sent an HTTP request to an HTTPS server.\n"));
  CHECK(diagnosis.exit_code == kRefused);
  CHECK(contains(diagnosis.advice, "https://"));
}

TEST_CASE("401 and 403 ask for credentials, or for better ones") {
  for (const long status : {401L, 403L}) {
    CHECK(explained(answered(status)).exit_code == kRefused);
    CHECK(contains(explained(answered(status)).advice, "USER:PASSWORD@h"));
    const Diagnosis wrong = explained(answered(status), "http://user:secret@h/api/traces");
    CHECK(contains(wrong.advice, "Check the user and the password"));
    CHECK_FALSE(contains(wrong.problem + wrong.advice, "secret"));
  }
}

TEST_CASE("404 at another path advises Jaeger's, 404 at Jaeger's path doubts the port") {
  CHECK(contains(explained(answered(404), "http://h:14268/spans").advice, "Jaeger's is /api/traces"));
  CHECK(contains(explained(answered(404)).advice, "the right port"));
  CHECK(explained(answered(404)).exit_code == kRefused);
}

TEST_CASE("a refusal repeats what the server said, in one harmless line") {
  const Diagnosis diagnosis = explained(answered(400, "Unable to process \x1b[2J body\nsecond line"));
  CHECK(contains(diagnosis.problem, "Unable to process ?[2J body"));
  CHECK_FALSE(contains(diagnosis.problem, "second"));
}

TEST_CASE("a redirect names its target, without secrets") {
  HttpAnswer redirect = answered(302);
  redirect.location = "https://user:secret@login.example/?token=secret";
  const Diagnosis diagnosis = explained(redirect);
  CHECK(diagnosis.exit_code == kRefused);
  CHECK(contains(diagnosis.problem, "https://***@login.example/?…"));
}

TEST_CASE("overload, a full proxy and trouble inside are refusals that blame the service") {
  for (const long status : {408L, 413L, 429L, 500L, 502L, 503L}) {
    CHECK(explained(answered(status)).exit_code == kRefused);
    CHECK(contains(explained(answered(status)).problem, std::to_string(status)));
  }
}

TEST_CASE("every message is a sentence with advice, whatever the status or the error") {
  for (long status = 100; status < 600; ++status) {
    if (status / 100 == 2) continue;
    const Diagnosis diagnosis = explained(answered(status));
    CHECK(diagnosis.exit_code == kRefused);
    CHECK(diagnosis.problem.ends_with('.'));
    CHECK_FALSE(diagnosis.advice.empty());
  }
  for (int code = CURLE_OK + 1; code < CURL_LAST; ++code) {
    const Diagnosis diagnosis = explained(failed(static_cast<CURLcode>(code)));
    CHECK(diagnosis.exit_code == kNotReachable);
    CHECK(diagnosis.problem.ends_with('.'));
    CHECK_FALSE(diagnosis.advice.empty());
  }
}

TEST_CASE("a query API that cannot be asked is not the collector's fault: exit code 5") {
  const Url query = *query_url("http://user:secret@q:1");
  for (const HttpAnswer& answer : {answered(404, "404 page not found"), answered(200, "<html>"),
                                   answered(401), failed(CURLE_COULDNT_CONNECT)}) {
    const Diagnosis diagnosis = explain_query(answer, query);
    CHECK(diagnosis.exit_code == kNotVisible);
    CHECK(contains(diagnosis.problem, "query API"));
    CHECK(contains(diagnosis.advice, "--verify"));
    CHECK_FALSE(contains(diagnosis.problem + diagnosis.advice, "secret"));
  }
}

TEST_CASE("the empty batch is what Thrift would write") {
  const std::string_view bytes = empty_batch();
  CHECK(bytes.size() == 31);
  CHECK(bytes.substr(0, 10) ==
        std::string_view("\x0c\0\1\x0b\0\1\0\0\0\x0b", 10));                 // Process{1: string of 11
  CHECK(bytes.substr(10, 12) == std::string_view("jtrace-send\0", 12));      // … }
  CHECK(bytes.substr(22) == std::string_view("\x0f\0\2\x0c\0\0\0\0\0", 9));  // 2: list of 0 structs }
}
