// Covers tools/jtrace-collector/tee.h: which URLs it takes, and what it does when the other side does not. That batches arrive is
// in faults_test.cpp.
#include "tee.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <string>

using namespace jtrace::collector;
using namespace std::chrono_literals;

namespace {

// A port that connections wait at and that nobody answers; or, when it does not listen, one that refuses them.
class SilentPort {
 public:
  explicit SilentPort(bool listens) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    if (listens) REQUIRE(listen(socket_, 10) == 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/api/traces";
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

}  // namespace

TEST_CASE("a URL without a path gets Jaeger's") {
  CHECK(parse_tee_url("http://jaeger:14268") == "http://jaeger:14268/api/traces");
  CHECK(parse_tee_url("https://jaeger/") == "https://jaeger/api/traces");
  CHECK(parse_tee_url("http://jaeger:1/other?x=1") == "http://jaeger:1/other?x=1");
}

TEST_CASE("anything but an http or https URL is refused") {
  for (const char* text : {"", "jaeger:14268", "ftp://jaeger", "http://", "http:///x", "http://a b", "http://a:99999", "http:/a"}) {
    CHECK_MESSAGE(!parse_tee_url(text), text);
  }
}

TEST_CASE("a collector that refuses connections is complained about once, and each batch is counted") {
  const SilentPort nobody(false);
  std::promise<std::string> complaint;
  auto complained = complaint.get_future();
  Tee tee(nobody.url(), [&](const std::string& text) { complaint.set_value(text); });  // a second one would throw
  for (int i = 0; i < 3; ++i) tee.push("batch");
  REQUIRE(complained.wait_for(30s) == std::future_status::ready);
  CHECK(complained.get().starts_with("--tee " + nobody.url() + ": "));
  tee.stop(30s);
  CHECK(tee.counts().failed == 3);
  CHECK(tee.counts().passed == 0);
}

TEST_CASE("what waits for a silent collector is limited in bytes; the rest is dropped, and pushing never waits") {
  const SilentPort silent(true);
  Tee::Limits limits;
  limits.max_pending_bytes = 1000;
  Tee tee(silent.url(), [](const std::string&) {}, limits);
  for (int i = 0; i < 25; ++i) tee.push(std::string(100, 'x'));
  CHECK(tee.counts().dropped == 15);
  tee.push(std::string(2000, 'x'));
  CHECK(tee.counts().dropped == 16);
}

TEST_CASE("a stop ends at its deadline, and counts what was left") {
  const SilentPort silent(true);
  Tee tee(silent.url(), [](const std::string&) {});
  for (int i = 0; i < 4; ++i) tee.push("batch");
  const auto begin = std::chrono::steady_clock::now();
  tee.stop(50ms);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(tee.counts().passed == 0);
  CHECK(tee.counts().failed + tee.counts().dropped == 4);
}
