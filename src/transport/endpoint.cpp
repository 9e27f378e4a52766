#include "transport/endpoint.h"

#include <curl/curl.h>

#include <memory>

namespace jtrace::inline v1::detail {
namespace {

constexpr const char* kDefaultPort = "14268";
constexpr const char* kDefaultPath = "/api/traces";

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
  return text;
}

bool has_blank_or_control(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  if (text.empty() || has_blank_or_control(text)) return std::nullopt;
  const std::size_t scheme_end = text.find("://");
  const bool has_scheme = scheme_end != std::string_view::npos;
  // A host comes next; without a scheme, host and port are all there may be.
  if (has_scheme ? text.substr(scheme_end + 3).starts_with('/') : text.find_first_of("/?#") != std::string_view::npos)
    return std::nullopt;
  const std::string given = has_scheme ? std::string(text) : "http://" + std::string(text);
  const Url url(curl_url(), curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, given.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return std::nullopt;
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  if ((scheme != "http" && scheme != "https") || part(url.get(), CURLUPART_HOST).empty()) return std::nullopt;
  if (part(url.get(), CURLUPART_PORT) == "0") return std::nullopt;

  Endpoint endpoint;
  endpoint.user = part(url.get(), CURLUPART_USER, CURLU_URLDECODE);
  endpoint.password = part(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  if (!has_scheme && part(url.get(), CURLUPART_PORT).empty()) curl_url_set(url.get(), CURLUPART_PORT, kDefaultPort, 0);
  const std::string path = part(url.get(), CURLUPART_PATH);
  if (path.empty() || path == "/") curl_url_set(url.get(), CURLUPART_PATH, kDefaultPath, 0);
  endpoint.url = part(url.get(), CURLUPART_URL);
  if (endpoint.url.empty()) return std::nullopt;
  return endpoint;
}

std::string without_credentials(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
  // The last one: what is malformed may hold its secret anywhere before that.
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < from) return std::string(text);
  return std::string(text.substr(0, from)) + "***" + std::string(text.substr(at));
}

}  // namespace jtrace::inline v1::detail
