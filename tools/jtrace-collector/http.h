// HTTP as the collector's handlers see it: a request that has arrived whole, and the answer to it.
//
// The server (http_server.h) makes requests and sends responses; handlers are plain functions between the
// two, and know nothing of sockets or of the library behind them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jtrace::collector {

// How reading the body went.
enum class BodyState {
  kComplete,   // all there, or there is none
  kTooLarge,   // longer than the server allows; `body` is empty
  kBusy,       // other bodies took all the memory that is set aside for them; `body` is empty
  kBroken,     // the sender stopped half-way, or its compression is damaged; `body` is empty
};

struct HttpRequest {
  std::string method;
  std::string path;  // with %-escapes resolved
  std::vector<std::pair<std::string, std::string>> parameters;  // of the query, in their order
  std::optional<std::string> content_type;
  std::string content_encoding;
  std::string body;  // gzip and deflate already undone
  BodyState body_state = BodyState::kComplete;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Called on any of the server's threads, several at a time.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// One line of plain text, as Go's http.Error sends it. `line` comes without its newline.
inline HttpResponse plain_error(int status, const std::string& line) {
  return {status, "text/plain; charset=utf-8", line + "\n", {}};
}

// What Go's router answers for a path that it does not know.
inline HttpResponse not_found() { return plain_error(404, "404 page not found"); }

// What Go's router answers for a method that the path does not take: nothing but the status.
inline HttpResponse method_not_allowed() { return {405, "", "", {}}; }

}  // namespace jtrace::collector
