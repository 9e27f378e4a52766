// tools/jtrace-send/url.h: endpoints and base addresses are completed as the library completes them.
#include "url.h"

#include <doctest/doctest.h>

using namespace jtrace_send;

namespace {

std::string collector(const char* endpoint) {
  const auto url = collector_url(endpoint);
  return url ? url->text() : "none";
}
std::string query(const char* base) {
  const auto url = query_url(base);
  return url ? url->text() : "none";
}

}  // namespace

TEST_CASE("an endpoint with a path is used as it is") {
  CHECK(collector("http://h:14268/api/traces") == "http://h:14268/api/traces");
  CHECK(collector("https://h/x?y=1") == "https://h/x?y=1");
  CHECK(collector("http://user:secret@h/x") == "http://user:secret@h/x");
}

TEST_CASE("an endpoint without a path gets Jaeger's, its scheme and port are kept") {
  CHECK(collector("http://h:4444") == "http://h:4444/api/traces");
  CHECK(collector("http://h:4444/") == "http://h:4444/api/traces");
  CHECK(collector("https://h") == "https://h/api/traces");
}

TEST_CASE("a plain host means http and port 14268") {
  CHECK(collector("h") == "http://h:14268/api/traces");
  CHECK(collector("h:4444") == "http://h:4444/api/traces");
  CHECK(collector("[::1]") == "http://[::1]:14268/api/traces");
  CHECK(collector("[::1]:4444") == "http://[::1]:4444/api/traces");
}

TEST_CASE("an address without host or with an impossible port is none") {
  CHECK(collector("http://") == "none");
  CHECK(collector("h:70000") == "none");
  CHECK(collector("h:1x") == "none");
}

TEST_CASE("a base address may be a host, a root, a page of the UI, or lie below a path") {
  CHECK(query("h") == "http://h:16686");
  CHECK(query("http://h:16686/") == "http://h:16686");
  CHECK(query("https://h/jaeger/") == "https://h/jaeger");
  CHECK(query("http://h:16686/search") == "http://h:16686");
  CHECK(query("http://h:16686/jaeger/trace/0123?x=1") == "http://h:16686/jaeger");
  CHECK(query("ftp://h") == "none");
}

TEST_CASE("the UI is guessed at port 16686 of the collector's host, without its credentials") {
  CHECK(guess_query_url(*collector_url("http://user:secret@h:1/x")).text() == "http://h:16686");
  CHECK(guess_query_url(*collector_url("[::1]")).text() == "http://[::1]:16686");
  CHECK(guess_query_url(*collector_url("https://h")).text() == "https://h:16686");
}

TEST_CASE("host and port are named with the port that is asked in the end") {
  CHECK(parse_url("http://h")->host_and_port() == "h:80");
  CHECK(parse_url("HTTPS://h")->host_and_port() == "h:443");
  CHECK(parse_url("http://user:secret@h:1/x")->shown() == "http://***@h:1/x");
}
