#include "reach.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace jtrace_send {
namespace {

template <class Setting>
void give(Setting& setting, const std::optional<std::string>& value) {
  if (value) setting = *value;
}

void read(std::optional<std::string>& value, const char* variable) {
  const char* text = std::getenv(variable);
  if (!value && text && *text) value = text;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool has_header(const Reach& reach, const std::string& name) {
  return std::any_of(reach.headers.begin(), reach.headers.end(),
                     [&](const auto& header) { return strcasecmp(header.first.c_str(), name.c_str()) == 0; });
}

// "a=b,c=d", already accepted by the library.
std::vector<std::pair<std::string, std::string>> headers_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> headers;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      headers.emplace_back(trim(pair.substr(0, equals)), trim(pair.substr(equals + 1)));
  }
  return headers;
}

bool is_true(const char* text) {
  if (!text || !*text) return false;
  const char first = *trim(text).data();
  return first == '1' || first == 't' || first == 'T' || first == 'y' || first == 'Y' ||
         ((first == 'o' || first == 'O') && trim(text).size() == 2);
}

void set(CURL* easy, CURLoption option, const std::optional<std::string>& value) {
  if (value && !value->empty()) curl_easy_setopt(easy, option, value->c_str());
}

}  // namespace

void configure(jtrace::Config& config, const Reach& reach) {
  give(config.tls.ca, reach.tls_ca);
  give(config.tls.cert, reach.tls_cert);
  give(config.tls.key, reach.tls_key);
  give(config.tls.server_name, reach.tls_server_name);
  if (reach.skips_verify) config.tls.skip_verify = true;
  give(config.auth.user, reach.user);
  give(config.auth.password, reach.password);
  give(config.auth.token, reach.token);
  for (const auto& [name, value] : reach.headers) config.headers.push_back({name, value});
  give(config.proxy, reach.proxy);
  give(config.compression, reach.compression);
}

Reach with_environment(Reach reach) {
  read(reach.tls_ca, "JAEGER_TLS_CA");
  read(reach.tls_cert, "JAEGER_TLS_CERT");
  read(reach.tls_key, "JAEGER_TLS_KEY");
  read(reach.tls_server_name, "JAEGER_TLS_SERVER_NAME");
  reach.skips_verify = reach.skips_verify || is_true(std::getenv("JAEGER_TLS_SKIP_VERIFY"));
  read(reach.user, "JAEGER_USER");
  read(reach.password, "JAEGER_PASSWORD");
  read(reach.token, "JAEGER_AUTH_TOKEN");
  if (reach.token) reach.token = trim(*reach.token);
  read(reach.proxy, "JTRACE_PROXY");
  if (const char* headers = std::getenv("JTRACE_HEADERS")) {
    auto all = headers_of(headers);
    std::erase_if(all, [&](const auto& header) { return has_header(reach, header.first); });
    all.insert(all.end(), reach.headers.begin(), reach.headers.end());
    reach.headers = std::move(all);
  }
  return reach;
}

void apply_tls_and_proxy(CURL* easy, const Reach& reach) {
  set(easy, CURLOPT_CAINFO, reach.tls_ca);
  set(easy, CURLOPT_PROXY_CAINFO, reach.tls_ca);
  set(easy, CURLOPT_SSLCERT, reach.tls_cert);
  set(easy, CURLOPT_SSLKEY, reach.tls_key ? reach.tls_key : reach.tls_cert);
  curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (reach.skips_verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!reach.proxy || reach.proxy->empty()) return;  // libcurl reads the usual variables
  curl_easy_setopt(easy, CURLOPT_PROXY, *reach.proxy == "none" ? "" : reach.proxy->c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
}

void apply_login(CURL* easy, const Reach& reach) {
  if (reach.token && !reach.token->empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, reach.token->c_str());
  } else if (reach.user || reach.password) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, reach.user.value_or("").c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, reach.password.value_or("").c_str());
  }
}

}  // namespace jtrace_send
