// HttpClient: one request after the other over libcurl's easy interface, for probing a collector and asking
// the query API. It keeps its connection alive, follows no redirects and reaches the far side as the library's own
// transport does. Each thread has its own client; an HttpAnswer is a plain value that outlives
// it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "reach.h"
#include "url.h"

namespace jtrace_send {

// What came back: an HTTP answer (code is CURLE_OK), or how far the request came.
struct HttpAnswer {
  CURLcode code = CURLE_OK;
  std::string error;           // libcurl's words, where code is not CURLE_OK
  long system_error = 0;       // errno of a failed connect
  bool was_connected = false;  // by TCP; TLS may have failed after it

  long status = 0;
  std::string content_type;
  std::string location;  // of a redirect
  std::string body;      // at most kMaxBody bytes

  bool is_http() const { return code == CURLE_OK && status != 0; }
  bool is_success() const { return is_http() && status / 100 == 2; }
};

class HttpClient {
 public:
  // A whole request, connect included, ends after `timeout`.
  HttpClient(std::chrono::milliseconds timeout, Reach reach);

  // From a query API: login and headers stay at home.
  HttpAnswer get(const Url& url);
  // To a collector.
  HttpAnswer post(const Url& url, const char* content_type, std::string_view body);

 private:
  // A trace of jtrace-send has some 5 KB as JSON; what is far larger is none.
  static constexpr std::size_t kMaxBody = 8 << 20;

  struct EasyCleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  static std::size_t keep_body(char* data, std::size_t one, std::size_t size, void* answer);
  struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, ListCleanup>;
  void prepare(const std::string& url);
  std::string verified_url(const Url& url);
  List headers_of(const Url& url, const char* content_type) const;
  HttpAnswer perform();

  std::unique_ptr<CURL, EasyCleanup> easy_;
  std::chrono::milliseconds timeout_;
  Reach reach_;
  List connect_to_;
  char error_[CURL_ERROR_SIZE] = "";
};

}  // namespace jtrace_send
