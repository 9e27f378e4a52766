// The other half of http_server: asks for some pages, by libcurl. One trace over both processes.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/http_client http://localhost:8080
//
//   visit
//     HTTP GET          this process; the span below is the server's
//       GET /
//     HTTP GET
//       GET /orders/(\d{1,6})
//         price_of
#include <jtrace/integrations/curl.h>
#include <jtrace/jtrace.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// The page goes to stdout, as libcurl does it unless told otherwise.
bool get(CURL* handle, curl_slist* headers, const std::string& url) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  const CURLcode code = jtrace::curl_perform(handle, headers);
  if (code != CURLE_OK) std::cerr << url << ": " << curl_easy_strerror(code) << "\n";
  return code == CURLE_OK;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: http_client URL, such as http_server prints\n";
    return EXIT_FAILURE;
  }
  if (const auto tracer = jtrace::init({.service_name = "http_client"}); !tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  const std::string server = arguments[1];
  const Handle handle(curl_easy_init(), curl_easy_cleanup);
  const Headers headers(curl_slist_append(nullptr, "X-Client: example"), curl_slist_free_all);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, 30L);

  auto visit = jtrace::start_active_span("visit");
  const bool is_there = get(handle.get(), headers.get(), server + "/") && get(handle.get(), headers.get(), server + "/orders/17");
  if (!is_there) visit->set_error();
  return is_there ? EXIT_SUCCESS : EXIT_FAILURE;
}
