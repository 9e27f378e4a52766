// One page of the web, by libcurl: what the tutorial's programs do with requests.get(url).
#pragma once

#include <curl/curl.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace example {

struct Page {
  long status = 0;
  std::string body;
};

// Throws std::runtime_error, which says why there is none.
inline Page get_page(const std::string& url) {
  Page page;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
  const auto keep = +[](char* part, std::size_t, std::size_t size, void* body) {
    static_cast<std::string*>(body)->append(part, size);
    return size;
  };
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &page.body);
  const CURLcode result = curl_easy_perform(handle.get());
  if (result != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(result));
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &page.status);
  return page;
}

}  // namespace example
