#include "config/headers.h"

#include <algorithm>
#include <string>

#include "config/parse.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kOurs[] = {"content-type",      "content-length", "content-encoding",
                                      "transfer-encoding", "connection",     "expect"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A token of RFC 9110, section 5.6.2, has these beside letters and digits.
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view value) noexcept {
  return std::any_of(value.begin(), value.end(),
                     [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

const char* why_no_header(std::string_view name, std::string_view value) noexcept {
  if (!is_token(name)) return "a name of letters, digits and -_.!#$%&'*+^`|~";
  if (has_control(value)) return "a value without line breaks and other control characters";
  if (std::any_of(std::begin(kOurs), std::end(kOurs), [&](std::string_view ours) { return is_same_header(name, ours); }))
    return "a header that jtrace does not send itself, as it does Content-Type, Content-Length, Content-Encoding, "
           "Transfer-Encoding, Connection and Expect";
  return nullptr;
}

bool is_same_header(std::string_view name, std::string_view other) noexcept {
  return std::equal(name.begin(), name.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

void set_header(std::vector<Header>& headers, std::string_view name, std::string_view value) {
  std::erase_if(headers, [&](const Header& header) { return is_same_header(header.name, name); });
  headers.push_back({std::string(name), std::string(value)});
}

const char* add_headers(std::vector<Header>& headers, std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return "name=value,name2=value2";
    const std::string_view name = trim(pair.substr(0, equals)), value = trim(pair.substr(equals + 1));
    if (const char* allowed = why_no_header(name, value)) return allowed;
    set_header(headers, name, value);
  }
  return nullptr;
}

}  // namespace jtrace::inline v1::detail
