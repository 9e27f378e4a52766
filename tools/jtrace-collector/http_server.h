// An HTTP server on one port: it reads requests whole, asks one handler, sends the answer and hangs up.
//
// The only place that knows cpp-httplib, and that works around its traps: a body of any content type is read
// up to a limit, all bodies together up to another; idle connections keep nobody waiting; each connection
// carries one request and is closed after it, as current Jaegers do on their ingest port. `main` owns one for
// each port; `listen` and `stop` are called from one thread, the handler is called from many.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "http.h"

namespace jtrace::collector {

class HttpServer {
 public:
  struct Limits {
    std::size_t max_body_bytes = 0;    // of one request
    std::size_t max_bodies_bytes = 0;  // of all requests that are being read or handled
  };

  HttpServer(HttpHandler handler, Limits limits);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds and starts to serve; when it returns, connections are accepted. Port 0 takes a free one. Returns
  // nothing, or the reason why not, naming host and port.
  [[nodiscard]] std::optional<std::string> listen(const std::string& host, int port);

  // The port that `listen` got.
  int port() const;

  // Accepts no more, answers who is being served, hangs up on the rest. Takes at most a little over a second.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jtrace::collector
