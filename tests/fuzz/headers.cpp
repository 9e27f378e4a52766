// A carrier with any headers, one a line as `name: value`, by each format alone and by all of them: extract makes of it a context
// whose headers, injected and extracted again, are the same.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/baggage.h"
#include "fuzz.h"
#include "propagation/b3_format.h"
#include "propagation/jaeger_format.h"
#include "propagation/percent.h"
#include "propagation/header_table.h"
#include "propagation/propagation.h"
#include "propagation/w3c_format.h"

using namespace jtrace::detail;
using fuzz::require;
using jtrace::SpanContext;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::initializer_list<Format> kLists[] = {
    {Format::jaeger},
    {Format::w3c_context, Format::w3c_baggage},
    {Format::b3_multi},
    {Format::b3_single},
    {Format::b3_single, Format::w3c_baggage, Format::jaeger, Format::w3c_context, Format::b3_multi},
};

Propagation formats(std::initializer_list<Format> list) {
  Propagation how;
  how.count = 0;
  for (const Format format : list) how.list[how.count++] = format;
  return how;
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7f; }) &&
         trim_header(text) == text;
}

Headers inject(const Propagation& how, const SpanContext& context) {
  Headers headers;
  Losses losses;
  const auto put = [](void* to, std::string_view name, std::string_view value) {
    require(is_token(name), "an injected header's name is one");
    require(is_value(value), "an injected header's value can be sent");
    static_cast<Headers*>(to)->emplace_back(name, value);
  };
  inject(how, context, {&headers, put}, losses);
  return headers;
}

SpanContext extract(const Propagation& how, const Headers& headers) {
  Losses losses;
  const auto visit = [](const void* carrier, HeaderVisitor see) {
    for (const auto& [name, value] : *static_cast<const Headers*>(carrier)) see(name, value);
  };
  return extract(HeaderTable(how), &headers, visit, losses);
}

std::map<std::string, std::string> baggage(const SpanContext& context) {
  std::map<std::string, std::string> items;
  context.visit_baggage([&](std::string_view key, std::string_view value) { items.emplace(key, value); });
  return items;
}

void check_codecs(std::string_view text) {
  require(decode_baggage(encode_baggage(text)) == text, "encoded baggage decodes to itself");
  require(decode_baggage(text).size() <= text.size(), "decoding makes nothing longer");
  require(is_value(encode_baggage(text)), "encoded baggage can be sent");
  require(decode_percent(encode_plainly(text), Plus::is_plus) == text, "plainly encoded baggage decodes to itself");
  require(is_value(encode_plainly(text)), "plainly encoded baggage can be sent");
  parse_trace_header(text);
  parse_b3(text);
  if (const auto context = parse_traceparent(text)) require(context->is_valid(), "a traceparent that is read is valid");
  if (const auto state = parse_tracestate(text)) require(parse_tracestate(*state) == state, "a tracestate stays as it is");
}

void check_way(const Propagation& how, const Headers& headers) {
  const SpanContext first = extract(how, headers);
  if (!first.is_valid()) return;
  const SpanContext second = extract(how, inject(how, first));
  require(second == first, "the ids survive the way");
  require(second.is_sampled() == first.is_sampled() || (first.flags() & 3) == 2, "the decision survives the way");
  require(second.trace_state() == first.trace_state(), "the tracestate survives the way");
  require(baggage(second).size() <= baggage(first).size(), "no baggage appears on the way");
  // Once a key is one that a header can carry, and a value UTF-8, as the W3C wants it, they stay as they are.
  const SpanContext third = extract(how, inject(how, second));
  require(baggage(extract(how, inject(how, third))) == baggage(third), "the baggage survives the way");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  check_codecs(text);
  Headers headers;
  for (const auto& [name, value] : fuzz::lines_of(text, ": ")) headers.emplace_back(name, value);
  for (const auto& list : kLists) check_way(formats(list), headers);
  return 0;
}
