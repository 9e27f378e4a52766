// A carrier with any headers, one a line as `name: value`: extract makes of it a context whose headers, injected and extracted
// again, are the same.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "jtrace/propagation.h"
#include "propagation/jaeger_format.h"

using fuzz::require;
using jtrace::SpanContext;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || kTokenMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

Headers inject(const SpanContext& context) {
  Headers headers;
  jtrace::inject(context, headers);
  for (const auto& [name, value] : headers) {
    require(is_name(name), "an injected header's name is one");
    require(is_value(value), "an injected header's value can be sent");
  }
  return headers;
}

std::map<std::string, std::string> baggage(const SpanContext& context) {
  std::map<std::string, std::string> items;
  context.visit_baggage([&](std::string_view key, std::string_view value) { items.emplace(key, value); });
  return items;
}

void check_baggage_codec(std::string_view text) {
  using namespace jtrace::detail;
  require(decode_baggage(encode_baggage(text)) == text, "encoded baggage decodes to itself");
  require(decode_baggage(text).size() <= text.size(), "decoding makes nothing longer");
  require(is_value(encode_baggage(text)), "encoded baggage can be sent");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  check_baggage_codec(text);
  jtrace::detail::parse_trace_header(text);

  Headers headers;
  for (const auto& [name, value] : fuzz::lines_of(text, ": ")) headers.emplace_back(name, value);
  const SpanContext first = jtrace::extract(headers);
  if (!first.is_valid()) return 0;

  const SpanContext second = jtrace::extract(inject(first));
  require(second.trace_id() == first.trace_id() && second.span_id() == first.span_id(), "the ids survive the way");
  require(second.flags() == (first.flags() & 3), "the flags sampled and debug survive the way");
  require(baggage(second).size() <= baggage(first).size(), "no baggage appears on the way");
  // Once a key is one that a header can carry, it stays as it is.
  require(baggage(jtrace::extract(inject(second))) == baggage(second), "the baggage survives the way");
  return 0;
}
