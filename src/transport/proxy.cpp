#include "transport/proxy.h"

#include <cstdlib>
#include <initializer_list>
#include <string>

#include "transport/curl_url.h"

namespace jtrace::inline v1::detail {
namespace {

bool is_known(std::string_view scheme) noexcept {
  for (const std::string_view known : {"http", "https", "socks4", "socks4a", "socks5", "socks5h"}) {
    if (scheme == known) return true;
  }
  return false;
}

ProxyVariable first_of(std::initializer_list<const char*> names) noexcept {
  for (const char* name : names) {
    if (const char* value = std::getenv(name); value && *value) return {name, value};
  }
  return {};
}

}  // namespace

std::optional<Proxy> parse_proxy(std::string_view text) {
  if (text.empty() || has_blank_or_control(text)) return std::nullopt;
  const bool has_scheme = text.find("://") != std::string_view::npos;
  CurlUrl url(has_scheme ? std::string(text) : "http://" + std::string(text));
  if (!url.is_valid() || !is_known(url.part(CURLUPART_SCHEME)) || url.part(CURLUPART_HOST).empty()) return std::nullopt;
  if (url.part(CURLUPART_PATH).size() > 1) return std::nullopt;
  Proxy proxy;
  proxy.user = url.part(CURLUPART_USER, CURLU_URLDECODE);
  proxy.password = url.part(CURLUPART_PASSWORD, CURLU_URLDECODE);
  url.remove_credentials();
  proxy.url = url.part(CURLUPART_URL);
  return proxy;
}

// http_proxy in capitals does not count: a CGI program has a client's header "Proxy" there.
ProxyVariable proxy_variable(const Endpoint& endpoint) noexcept {
  return endpoint.is_https() ? first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                             : first_of({"http_proxy", "all_proxy", "ALL_PROXY"});
}

std::string_view no_proxy_variable() noexcept {
  const ProxyVariable found = first_of({"no_proxy", "NO_PROXY"});
  return found.value ? found.value : "";
}

}  // namespace jtrace::inline v1::detail
