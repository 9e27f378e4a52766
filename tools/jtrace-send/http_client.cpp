#include "http_client.h"

#include <new>
#include <utility>

namespace jtrace_send {
namespace {

template <class List>
void append(List& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

std::string text_or_empty(const char* text) {
  return text ? text : "";
}

}  // namespace

HttpClient::HttpClient(std::chrono::milliseconds timeout, Reach reach)
    : easy_(curl_easy_init()), timeout_(timeout), reach_(std::move(reach)) {
  if (!easy_) throw std::bad_alloc();
}

std::size_t HttpClient::keep_body(char* data, std::size_t one, std::size_t size, void* answer) {
  std::string& body = static_cast<HttpAnswer*>(answer)->body;
  const std::size_t bytes = one * size;
  if (body.size() + bytes > kMaxBody) return 0;  // tells libcurl to stop
  body.append(data, bytes);
  return bytes;
}

void HttpClient::prepare(const std::string& url) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);  // keeps the connections
  error_[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout_.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpClient::keep_body);
  apply_tls_and_proxy(easy, reach_);
}

// With the name that the certificate must have; libcurl is told separately where to connect to.
std::string HttpClient::verified_url(const Url& url) {
  Url named = url;
  if (reach_.has_login()) named.credentials.clear();
  if (url.scheme == "https" && reach_.tls_server_name) {
    named.host = *reach_.tls_server_name;
    append(connect_to_, "::" + url.host_and_port());
  }
  return named.text();
}

HttpClient::List HttpClient::headers_of(const Url& url, const char* content_type) const {
  List headers;
  append(headers, std::string("Content-Type: ") + content_type);
  append(headers, "Expect:");  // Jaeger needs no 100-continue, and libcurl would wait for it
  if (connect_to_) append(headers, "Host: " + url.host + (url.port == 0 ? "" : ":" + std::to_string(url.port)));
  for (const auto& [name, value] : reach_.headers)
    append(headers, value.empty() ? name + ";" : name + ": " + value);
  return headers;
}

HttpAnswer HttpClient::perform() {
  HttpAnswer answer;
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
  answer.code = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
  // An endless body says enough with its beginning.
  if (answer.code == CURLE_WRITE_ERROR && answer.status != 0) answer.code = CURLE_OK;
  if (answer.code != CURLE_OK) answer.error = error_[0] ? error_ : curl_easy_strerror(answer.code);

  long local_port = 0;
  curl_off_t connect_time = 0;
  const char* content_type = nullptr;
  const char* location = nullptr;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &answer.system_error);
  curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &local_port);
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect_time);
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &content_type);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  answer.was_connected = local_port != 0 || connect_time > 0;  // one of them, by libcurl's version
  answer.content_type = text_or_empty(content_type);
  answer.location = text_or_empty(location);
  return answer;
}

HttpAnswer HttpClient::get(const Url& url) {
  prepare(url.text());
  return perform();
}

HttpAnswer HttpClient::post(const Url& url, const char* content_type, std::string_view body) {
  prepare(verified_url(url));
  const List headers = headers_of(url, content_type);
  CURL* easy = easy_.get();
  apply_login(easy, reach_);
  if (!url.unix_socket.empty()) curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, url.unix_socket.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  return perform();
}

}  // namespace jtrace_send
