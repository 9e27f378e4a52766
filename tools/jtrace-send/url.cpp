#include "url.h"

#include <charconv>

#include "text.h"

namespace jtrace_send {
namespace {

constexpr int kCollectorPort = 14268;  // Jaeger's Thrift over HTTP
constexpr int kOtlpPort = 4318;
constexpr int kQueryPort = 16686;      // Jaeger's UI and query API

// Cuts `text` at the first of `marks` and returns what was cut off, mark included.
std::string cut_at(std::string_view& text, std::string_view marks) {
  const std::size_t at = text.find_first_of(marks);
  if (at == std::string_view::npos) return {};
  std::string tail(text.substr(at));
  text = text.substr(0, at);
  return tail;
}

std::optional<int> parse_port(std::string_view digits) {
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535)
    return std::nullopt;
  return port;
}

// "h", "h:1", "[::1]", "[::1]:1"
bool parse_authority(std::string_view authority, Url& url) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = authority.substr(0, colon);
  if (url.host.empty()) return false;
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return true;
  const auto port = parse_port(authority.substr(colon + 1));
  url.port = port.value_or(0);
  return port.has_value();
}

bool has_scheme(std::string_view text) {
  return text.find("://") != std::string_view::npos;
}

// What follows `unix:`: a path, and the path of the request behind ":".
std::optional<Url> unix_url(std::string_view text) {
  if (text.starts_with("//")) text.remove_prefix(2);
  const std::size_t colon = text.find(":/");
  auto url = parse_url(colon == std::string_view::npos
                           ? "http://localhost/api/traces"
                           : "http://localhost" + std::string(text.substr(colon + 1)));
  if (url) url->unix_socket = text.substr(0, colon);
  return url;
}

// What people copy out of the browser's address line.
void cut_page(std::string& path) {
  if (path.ends_with("/search")) path.resize(path.size() - std::string_view("/search").size());
  if (const std::size_t page = path.find("/trace/"); page != std::string::npos) path.resize(page);
  while (path.ends_with('/')) path.pop_back();
}

}  // namespace

std::string Url::host_and_port() const {
  if (!unix_socket.empty()) return "unix:" + unix_socket;
  return host + ":" + std::to_string(effective_port());
}

std::string Url::text() const {
  return scheme + "://" + (credentials.empty() ? "" : credentials + "@") + host +
         (port == 0 ? "" : ":" + std::to_string(port)) + path + query;
}

std::string Url::shown() const {
  if (!unix_socket.empty()) return masked("unix:" + unix_socket + ":" + path + query);
  return masked(text());
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    url.scheme = text.substr(0, scheme);
    for (char& c : url.scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text.remove_prefix(scheme + 3);
  }
  cut_at(text, "#");
  url.query = cut_at(text, "?");
  url.path = cut_at(text, "/");
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    url.credentials = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  if (!parse_authority(text, url)) return std::nullopt;
  return url;
}

bool is_otlp(const Url& collector) { return collector.path.ends_with("/v1/traces"); }

std::optional<Url> collector_url(std::string_view endpoint, Posts posts) {
  if (endpoint.starts_with("unix:")) return unix_url(endpoint.substr(5));
  auto url = parse_url(endpoint);
  if (!url) return url;
  if (!has_scheme(endpoint) && url->port == 0) url->port = posts == Posts::otlp ? kOtlpPort : kCollectorPort;
  if (url->path.empty() || url->path == "/") url->path = posts == Posts::otlp ? "/v1/traces" : "/api/traces";
  return url;
}

std::optional<Url> query_url(std::string_view base) {
  auto url = parse_url(base);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return std::nullopt;
  if (!has_scheme(base) && url->port == 0) url->port = kQueryPort;
  cut_page(url->path);
  url->query.clear();
  return url;
}

Url agent_url(const std::string& host, int port) {
  Url url;
  url.scheme = "udp";
  const bool is_bare = host.find(':') != std::string::npos && !host.starts_with('[');
  url.host = is_bare ? std::string("[").append(host).append("]") : host;
  url.port = port;
  return url;
}

Url guess_query_url(const Url& collector) {
  Url url;
  url.scheme = collector.scheme;
  url.host = collector.host;
  url.port = kQueryPort;
  return url;
}

}  // namespace jtrace_send
