// Url: an endpoint or a base address in its parts, so that messages can name host, port and path and links
// can be built from them. The library judges what a valid endpoint is; these functions only complete what it
// accepted, by the same table: `h` means http://h:14268/api/traces, `unix:/x` http over that socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jtrace_send {

struct Url {
  std::string scheme = "http";
  std::string credentials;  // "user:password", as given
  std::string host;         // "[::1]" keeps its brackets
  int port = 0;             // 0: not given
  std::string path;         // with its first slash; may be empty
  std::string query;        // with its question mark; may be empty
  std::string unix_socket;  // a path: http over that socket; empty: TCP

  // The port that is asked in the end.
  int effective_port() const { return port != 0 ? port : scheme == "https" ? 443 : 80; }
  std::string host_and_port() const;
  std::string text() const;   // whole, with the credentials: for requests
  std::string shown() const;  // whole, without secrets: for people
};

// Nothing where there is no host, or where the port is no number.
std::optional<Url> parse_url(std::string_view text);

// The address that a tracer posts to: Thrift to :14268/api/traces, OTLP to :4318/v1/traces, where it does not say so itself.
enum class Posts { thrift, otlp };
std::optional<Url> collector_url(std::string_view endpoint, Posts posts = Posts::thrift);
// Does it take OTLP, by its path?
bool is_otlp(const Url& collector);
// The base address of a UI or query API, as a user writes it: without path it is the root; a plain host means
// :16686, and a copied …/search or …/trace/… is cut.
std::optional<Url> query_url(std::string_view base);
// Where datagrams go, udp://HOST:PORT; nothing is ever asked there.
Url agent_url(const std::string& host, int port);
// Where the UI of a collector usually is: the same host, port 16686.
Url guess_query_url(const Url& collector);

}  // namespace jtrace_send
