// Endpoints as users write them: what is taken is a clean URL without credentials that would be taken again as it is.
#include <algorithm>
#include <string>

#include "fuzz.h"
#include "transport/endpoint.h"

using namespace jtrace::detail;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  without_secrets(text);
  const auto endpoint = parse_endpoint(text);
  if (!endpoint || !endpoint->unix_socket.empty()) return 0;  // a socket's URL is not what was given

  const std::string& url = endpoint->url;
  require(url.starts_with("http://") || url.starts_with("https://"), "the URL is http or https");
  require(std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; }),
          "the URL has no blank and no control character");
  const auto again = parse_endpoint(url);
  require(again.has_value(), "the URL is an endpoint itself");
  require(again->url == url, "reading the URL again changes nothing");
  require(!again->has_credentials(), "the URL holds no credentials");
  return 0;
}
