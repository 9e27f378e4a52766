#include "transport/reach.h"

#include <algorithm>
#include <new>
#include <string>
#include <string_view>

#include "config/headers.h"
#include "transport/curl_url.h"

namespace jtrace::inline v1::detail {
namespace {

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  if (curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
}

void set_text(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) set(easy, option, text.c_str());
}

void append(curl_slist*& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list, line.c_str());
  if (longer) {
    list = longer;
  } else {
    curl_slist_free_all(list);
    throw std::bad_alloc();
  }
}

bool has_another_name(const Settings& settings) noexcept {
  return settings.endpoint.is_https() && !settings.tls.server_name.empty();
}

// libcurl takes the name for TLS from the URL; where the bytes go is said by connect_to().
std::string url_of(const Settings& settings) {
  if (!has_another_name(settings)) return settings.endpoint.url;
  CurlUrl url(settings.endpoint.url);
  url.set(CURLUPART_HOST, settings.tls.server_name.c_str());
  return url.part(CURLUPART_URL);
}

void set_address(CURL* easy, const Settings& settings) {
  set(easy, CURLOPT_URL, url_of(settings).c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set_text(easy, CURLOPT_UNIX_SOCKET_PATH, settings.endpoint.unix_socket);
}

void set_tls(CURL* easy, const Tls& tls) {
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, tls.skip_verify ? 0L : 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, tls.skip_verify ? 0L : 2L);
  set_text(easy, CURLOPT_CAINFO, tls.ca);
  set_text(easy, CURLOPT_PROXY_CAINFO, tls.ca);
  set_text(easy, CURLOPT_SSLCERT, tls.cert);
  set_text(easy, CURLOPT_SSLKEY, tls.key.empty() ? tls.cert : tls.key);
  // Without one OpenSSL would ask for it at the terminal.
  set(easy, CURLOPT_KEYPASSWD, "");
}

void set_login(CURL* easy, const Login& login) {
  if (login.is_bearer()) {
    set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    set(easy, CURLOPT_XOAUTH2_BEARER, login.token.c_str());
  } else if (login.is_basic()) {
    set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    set(easy, CURLOPT_USERNAME, login.user.c_str());
    set(easy, CURLOPT_PASSWORD, login.password.c_str());
  }
}

// Always set, since curl would else call getenv from the worker's thread while the program may call setenv.
void set_proxy(CURL* easy, const Proxy& proxy) {
  set(easy, CURLOPT_PROXY, proxy.url.c_str());
  set(easy, CURLOPT_NOPROXY, proxy.except.c_str());
  if (proxy.user.empty() && proxy.password.empty()) return;
  set(easy, CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
  set(easy, CURLOPT_PROXYUSERNAME, proxy.user.c_str());
  set(easy, CURLOPT_PROXYPASSWORD, proxy.password.c_str());
}

std::string host_and_port(const CurlUrl& url, unsigned flags) {
  const std::string port = url.part(CURLUPART_PORT, flags);
  return url.part(CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

const char* content_type(Protocol protocol) noexcept {
  if (protocol == Protocol::http_json) return "Content-Type: application/json";
  return protocol == Protocol::http_protobuf ? "Content-Type: application/x-protobuf" : "Content-Type: application/x-thrift";
}

bool has_header(const Settings& settings, std::string_view name) {
  return std::any_of(settings.headers.begin(), settings.headers.end(),
                     [&](const Header& header) { return is_same_header(header.name, name); });
}

}  // namespace

void set_reach(CURL* easy, const Settings& settings) {
  set_address(easy, settings);
  set_tls(easy, settings.tls);
  set_login(easy, settings.login);
  set_proxy(easy, settings.proxy);
}

curl_slist* request_headers(const Settings& settings) {
  curl_slist* lines = nullptr;
  for (const char* line : {content_type(settings.protocol), "Expect:", "Accept:"}) append(lines, line);
  append_own_headers(lines, settings);
  return lines;
}

void append_own_headers(curl_slist*& lines, const Settings& settings) {
  if (has_another_name(settings) && !has_header(settings, "Host"))
    append(lines, "Host: " + host_and_port(CurlUrl(settings.endpoint.url), 0));
  // libcurl's notation: with a colon and nothing behind it a header is left out, with a semicolon it is sent empty.
  for (const Header& header : settings.headers)
    append(lines, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
}

curl_slist* connect_to(const Settings& settings) {
  curl_slist* lines = nullptr;
  if (has_another_name(settings)) append(lines, "::" + host_and_port(CurlUrl(settings.endpoint.url), CURLU_DEFAULT_PORT));
  return lines;
}

}  // namespace jtrace::inline v1::detail
