// jtrace/integrations/curl.h over TLS: when that was agreed on, and what becomes of a certificate that is not trusted.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "jtrace/integrations/curl.h"
#include "jtrace/testing.h"
#include "support/certificates.h"
#include "support/http_server.h"
#include "support/tls_front.h"

namespace {

struct Fixture {
  CURLcode get(const std::string& trusted) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(handle.get(), CURLOPT_URL, front.url("127.0.0.1", "/a").c_str());
    curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle.get(), CURLOPT_CAINFO, trusted.c_str());
    return jtrace::curl_perform(handle.get(), nullptr);
  }
  bool has_log(std::string_view event) {
    for (const auto& log : recorder.spans()[0].logs) {
      if (const auto* value = log.field("event"); value && value->as_text() == event) return true;
    }
    return false;
  }
  jtrace::testing::Recorder recorder;
  support::Authority authority, stranger;
  support::HttpServer server{{.status = 200, .body = {}, .headers = {}}};
  support::TlsFront front{server, authority.issue({.ips = {"127.0.0.1"}})};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a transfer by https logs when TLS was agreed on") {
  CHECK(get(authority.file()) == CURLE_OK);
  REQUIRE(recorder.spans().size() == 1);
  for (const char* event : {"connect", "tls", "first_byte"}) CHECK_MESSAGE(has_log(event), event);
  CHECK(recorder.spans()[0].has_tag("http.url", front.url("127.0.0.1", "/a")));
  CHECK(server.requests()[0].count("traceparent") == 1);
}

TEST_CASE_FIXTURE(Fixture, "a server that is not trusted is an error, and its span has no moment of TLS") {
  CHECK(get(stranger.file()) != CURLE_OK);
  REQUIRE(recorder.spans().size() == 1);
  CHECK(recorder.spans()[0].is_error());
  CHECK(has_log("error"));
  CHECK_FALSE(has_log("tls"));
  CHECK_FALSE(has_log("first_byte"));
}
