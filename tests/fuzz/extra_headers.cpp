// JTRACE_HEADERS: no text gets a header into a request that would break it in two, or that jtrace sends itself.
#include <algorithm>
#include <string_view>

#include "config/headers.h"
#include "fuzz.h"

using namespace jtrace::detail;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  std::vector<Header> headers;
  add_headers(headers, text);
  std::string again;
  for (const Header& header : headers) {
    require(!header.name.empty(), "a header has a name");
    require(why_no_header(header.name, header.value) == nullptr, "what is taken may be sent");
    for (const std::string* part : {&header.name, &header.value})
      require(part->find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "no header ends before its end");
    for (const char* ours : {"Content-Type", "content-length", "Transfer-Encoding", "connection", "Expect", "Content-Encoding"})
      require(!is_same_header(header.name, ours), "what jtrace sends itself is no extra header");
    const auto same = std::count_if(headers.begin(), headers.end(),
                                    [&](const Header& other) { return is_same_header(other.name, header.name); });
    require(same == 1, "each name is there once");
    again += header.name + "=" + header.value + ",";
  }
  std::vector<Header> second;
  require(add_headers(second, again) == nullptr && second.size() == headers.size(), "what was taken is taken again");
  return 0;
}
