// A traced web server, as the Python package's example for Flask: every route in a span of its own, which goes on with the trace of whoever asks.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/http_server 8080
//
//   GET  /                      a greeting
//   GET  /orders/NUMBER         an order, priced in a span below
//   GET  /fail                  an exception: status 500, and a span that is marked
//   POST /test                  [{"url": "http://…", "arguments": […]}, …]: calls each url in turn by POST, with its arguments as
//                               the body and the trace in its headers. So implementations of the W3C's Trace Context are
//                               exercised from outside: the harness calls here, is called back, and compares what it gets.
//
// Port 0, the default, is any that is free. It says where it listens, and stops at SIGTERM or SIGINT.
#include <jtrace/integrations/httplib.h>
#include <jtrace/jtrace.h>

#include <nlohmann/json.hpp>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include "../support/stopping.h"

namespace {

using httplib::Request;
using httplib::Response;

int price_of(int order) {
  JTRACE_FUNCTION_ARGS(order);
  return order * 10;
}

// "http://host:port/path" in two: who is asked, and for what.
struct Target {
  std::string server, path;
};
Target target_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return path == std::string::npos ? Target{url, "/"} : Target{url.substr(0, path), url.substr(path)};
}

std::string call(const nlohmann::json& one) {
  const Target target = target_of(one.at("url").get<std::string>());
  jtrace::HttplibClient client(target.server);
  client.set_read_timeout(30);
  const auto answer = client.Post(target.path, one.value("arguments", nlohmann::json::array()).dump(), "application/json");
  return answer ? std::to_string(answer->status) : httplib::to_string(answer.error());
}

// Calls one after the other: what one of them fails at is said, and the next is called all the same.
void call_each(const Request& request, Response& response) {
  const auto calls = nlohmann::json::parse(request.body, nullptr, false);
  if (!calls.is_array()) {
    response.status = 400;
    response.set_content("not a JSON list of {url, arguments}\n", "text/plain");
    return;
  }
  nlohmann::json answers = nlohmann::json::array();
  for (const auto& one : calls) {
    const bool has_url = one.is_object() && one.contains("url") && one["url"].is_string();
    answers.push_back(has_url ? call(one) : "no url");
  }
  response.set_content(answers.dump() + "\n", "application/json");
}

void add_routes(jtrace::HttplibServer& server) {
  server.Get("/", [](const Request&, Response& response) { response.set_content("hello\n", "text/plain"); });
  server.Get("/orders/(\\d{1,6})", [](const Request& request, Response& response, jtrace::Span& span) {
    const int order = std::stoi(request.matches[1]);
    span.set_tag("order", order);
    response.set_content(std::to_string(price_of(order)) + "\n", "text/plain");
  });
  server.Get("/fail", [](const Request&, Response&) { throw std::runtime_error("out of stock"); });
  server.Post("/test", call_each);
}

}  // namespace

int main(int count, char** arguments) {
  const sigset_t signals = example::block_stopping_signals();
  if (const auto tracer = jtrace::init({.service_name = "http_server"}); !tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  jtrace::HttplibServer server;
  add_routes(server);
  int port = count > 1 ? std::atoi(arguments[1]) : 0;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port <= 0) {
    std::cerr << "http_server: cannot listen on port " << (count > 1 ? arguments[1] : "0") << "\n";
    return EXIT_FAILURE;
  }
  std::thread listening([&] { server.listen_after_bind(); });
  std::cout << "http://127.0.0.1:" << port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
  listening.join();
}
