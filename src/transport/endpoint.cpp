#include "transport/endpoint.h"

#include <sys/un.h>

#include "transport/curl_url.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kUnix = "unix:";

std::string without_query(std::string_view text) {
  const std::size_t query = text.find('?');
  return query == std::string_view::npos ? std::string(text) : std::string(text.substr(0, query)) + "?…";
}

std::string without_credentials(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
  // The last one: what is malformed may hold its secret anywhere before that.
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < from) return std::string(text);
  return std::string(text.substr(0, from)) + "***" + std::string(text.substr(at));
}

std::optional<Endpoint> parse_url(std::string_view text, const EndpointDefaults& defaults) {
  const std::size_t scheme_end = text.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos;
  // A host comes next; without a scheme, host and port are all there may be.
  if (has_scheme ? text.substr(scheme_end + 3).starts_with('/') : text.find_first_of("/?#") != std::string_view::npos)
    return std::nullopt;
  CurlUrl url(has_scheme ? std::string(text) : "http://" + std::string(text));
  if (!url.is_valid()) return std::nullopt;
  const std::string scheme = url.part(CURLUPART_SCHEME);
  if ((scheme != "http" && scheme != "https") || url.part(CURLUPART_HOST).empty()) return std::nullopt;
  if (url.part(CURLUPART_PORT) == "0") return std::nullopt;

  Endpoint endpoint;
  endpoint.user = url.part(CURLUPART_USER, CURLU_URLDECODE);
  endpoint.password = url.part(CURLUPART_PASSWORD, CURLU_URLDECODE);
  url.remove_credentials();
  url.set(CURLUPART_FRAGMENT, nullptr);
  if (!has_scheme && url.part(CURLUPART_PORT).empty()) url.set(CURLUPART_PORT, defaults.port);
  const std::string path = url.part(CURLUPART_PATH);
  if (path.empty() || path == "/") url.set(CURLUPART_PATH, defaults.path);
  endpoint.url = url.part(CURLUPART_URL);
  if (endpoint.url.empty()) return std::nullopt;
  endpoint.shown = without_query(endpoint.url);
  return endpoint;
}

// What follows `unix:`.
std::optional<Endpoint> parse_unix(std::string_view text, const EndpointDefaults& defaults) {
  if (text.starts_with("//")) text.remove_prefix(2);  // unix:///run/x is a habit too
  const std::size_t colon = text.find(":/");
  const std::string_view socket = text.substr(0, colon);
  const std::string path(colon == std::string_view::npos ? defaults.path : text.substr(colon + 1));
  if (!socket.starts_with('/') || socket.ends_with('/') || socket.size() >= sizeof sockaddr_un::sun_path)
    return std::nullopt;
  const CurlUrl url("http://localhost" + path);
  if (!url.is_valid()) return std::nullopt;

  Endpoint endpoint;
  endpoint.unix_socket = socket;
  endpoint.url = url.part(CURLUPART_URL);
  endpoint.shown = without_query(std::string(kUnix).append(socket).append(path == defaults.path ? "" : ":" + path));
  return endpoint;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, const EndpointDefaults& defaults) {
  if (text.empty() || has_blank_or_control(text)) return std::nullopt;
  return text.starts_with(kUnix) ? parse_unix(text.substr(kUnix.size()), defaults) : parse_url(text, defaults);
}

std::string without_secrets(std::string_view text) { return without_query(without_credentials(text)); }

}  // namespace jtrace::inline v1::detail
