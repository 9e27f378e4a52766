// jtrace/integrations/beast.h: a server of Boost.Beast in a trace that a client of libcurl begins and a client of Beast goes on with.
#include "jtrace/integrations/beast.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <memory>
#include <string>
#include <thread>

#include "jtrace/integrations/curl.h"
#include "jtrace/testing.h"
#include "support/http_server.h"

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

http::request<http::string_body> request_to(const std::string& target) {
  http::request<http::string_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "127.0.0.1");
  return request;
}

// Answers one request, on a thread of its own.
class Server {
 public:
  Server() : thread_([this] { serve(); }) {}
  ~Server() { thread_.join(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/orders"; }

 private:
  void serve() {
    tcp::socket socket = acceptor_.accept();
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    auto span = jtrace::start_active_span("GET /orders", {.child_of = jtrace::extract(jtrace::BeastHeaders(request)), .kind = jtrace::Kind::server});
    http::response<http::string_body> response{http::status::ok, 11};
    response.prepare_payload();
    http::write(socket, response);
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_;
};

}  // namespace

TEST_CASE("a server of Beast goes on with the trace in its request's headers") {
  jtrace::testing::Recorder recorder;
  {
    const Server server;
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
    curl_easy_setopt(handle.get(), CURLOPT_URL, server.url().c_str());
    curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
    CHECK(jtrace::curl_perform(handle.get(), nullptr) == CURLE_OK);
  }
  CHECK(recorder.tree() == "HTTP GET\n  GET /orders\n");
}

TEST_CASE("a request of Beast takes the context along, once, and const ones are read") {
  jtrace::testing::Recorder recorder;
  support::HttpServer server({.status = 200, .body = {}, .headers = {}});
  auto span = jtrace::start_active_span("call", {.kind = jtrace::Kind::client});
  http::request<http::string_body> request = request_to("/");
  request.set("TraceParent", "theirs");
  jtrace::inject(jtrace::BeastHeaders(request));
  jtrace::inject(jtrace::BeastHeaders(request));
  const auto& sent = request;
  CHECK(jtrace::extract(jtrace::BeastHeaders(sent)) == span->context());

  boost::asio::io_context io;
  beast::tcp_stream stream(io);
  stream.connect(tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), server.port()));
  http::write(stream, request);
  REQUIRE(server.wait_for_requests(1));
  CHECK(server.requests()[0].count("traceparent") == 1);
  CHECK(server.requests()[0].header("uber-trace-id").starts_with(span->context().trace_id().hex().str()));
}
