#include "propagation/jaeger_format.h"

#include <algorithm>

#include "config/parse.h"
#include "core/baggage.h"
#include "jtrace/propagation.h"
#include "propagation/jaeger_debug.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kLongestHeader = 256;  // 32 + 16 + 16 + 2 digits and colons, all percent-encoded, and blanks

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::uint64_t> parse_hex(std::string_view text, std::size_t most_digits) noexcept {
  if (text.empty() || text.size() > most_digits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  return value;
}

std::optional<TraceId> parse_trace_id(std::string_view text) noexcept {
  const std::size_t high_digits = text.size() > 16 ? text.size() - 16 : 0;
  const auto high = high_digits == 0 ? 0 : parse_hex(text.substr(0, high_digits), 16);
  const auto low = parse_hex(text.substr(high_digits), 16);
  if (!high || !low) return std::nullopt;
  return TraceId{*high, *low};
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

// %XX becomes its byte; what is no such thing stays as it is.
template <class Put>
void decode(std::string_view text, bool plus_is_blank, Put&& put) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      put(static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
      i += 2;
    } else {
      put(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
  }
}

void append_escaped(std::string& to, char c) {
  to += '%';
  to += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
  to += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
}

void append_hex(std::string& to, std::uint64_t value) {
  char digits[16];
  put_hex(digits, value);
  to.append(digits, sizeof digits);
}

std::string lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// What one pass over a carrier's headers found.
struct Found {
  std::optional<SpanContext> context;
  const Baggage* baggage = nullptr;
  std::string debug_id;

  void see(std::string_view key, std::string_view value) {
    if (same_header(key, kTraceHeader)) {
      if (!context) context = parse_trace_header(value);
    } else if (key.size() > kBaggagePrefix.size() && same_header(key.substr(0, kBaggagePrefix.size()), kBaggagePrefix)) {
      keep(lower(key.substr(kBaggagePrefix.size())), decode_baggage(value));
    } else if (same_header(key, kBaggageHeader)) {
      visit_debug_baggage(decode_baggage(value), [this](std::string_view item, std::string_view its_value) { keep(item, its_value); });
    } else if (same_header(key, kDebugIdHeader)) {
      debug_id = decode_baggage(trim(value));
    }
  }
  void keep(std::string_view key, std::string_view value) {
    const Baggage* more = Baggage::with(baggage, key, value);
    if (!more) return;
    if (baggage) baggage->release();
    baggage = more;
  }
};

}  // namespace

bool same_header(std::string_view a, std::string_view lower_case) noexcept {
  return std::equal(a.begin(), a.end(), lower_case.begin(), lower_case.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

std::string format_trace_header(const SpanContext& context) {
  std::string text;
  text.reserve(56);
  if (context.trace_id().high != 0) append_hex(text, context.trace_id().high);
  append_hex(text, context.trace_id().low);
  text += ':';
  append_hex(text, context.span_id().value);
  text += ":0:";
  text += static_cast<char>('0' + (context.flags() & 3));
  return text;
}

std::optional<SpanContext> parse_trace_header(std::string_view value) noexcept {
  value = trim(value);
  if (value.size() > kLongestHeader) return std::nullopt;
  char text[kLongestHeader];
  std::size_t size = 0;
  decode(value, false, [&](char c) { text[size++] = c; });

  std::string_view rest(text, size), parts[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t colon = rest.find(':');
    if ((colon == std::string_view::npos) != (i == 3)) return std::nullopt;
    parts[i] = rest.substr(0, colon);
    if (i < 3) rest.remove_prefix(colon + 1);
  }
  const auto trace = parse_trace_id(parts[0]);
  const auto span = parse_hex(parts[1], 16);
  const auto parent = parse_hex(parts[2], 16);
  const auto flags = parse_hex(parts[3], 2);
  if (!trace || !span || !parent || !flags) return std::nullopt;
  const SpanContext context(*trace, SpanId{*span}, static_cast<std::uint32_t>(*flags), nullptr);
  return context.is_valid() ? std::optional(context) : std::nullopt;
}

std::string encode_baggage(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      append_escaped(encoded, c);
    }
  }
  return encoded;
}

// Keys travel as they are, except for what would end or break a header's name (RFC 9110, tchar).
std::string encode_key(std::string_view key) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  std::string encoded;
  for (const char c : key) {
    if (is_unreserved(c) || kMarks.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      append_escaped(encoded, c);
    }
  }
  return encoded;
}

std::string decode_baggage(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  decode(text, true, [&](char c) { decoded += c; });
  return decoded;
}

void inject(const SpanContext& context, HeaderSink sink) {
  if (!context.is_valid()) return;
  sink.put(sink.to, kTraceHeader, format_trace_header(context));
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    if (!key.empty()) sink.put(sink.to, std::string(kBaggagePrefix) + encode_key(key), encode_baggage(value));
  });
}

SpanContext extract(const void* carrier, void (*visit)(const void* carrier, HeaderVisitor)) {
  Found found;
  visit(carrier, {&found, [](void* state, std::string_view key, std::string_view value) {
                    static_cast<Found*>(state)->see(key, value);
                  }});
  if (!found.context && !found.debug_id.empty()) {
    found.keep(kDebugIdHeader, found.debug_id);
    return SpanContext({}, {}, SpanContext::kSampled | SpanContext::kDebug, found.baggage);
  }
  const SpanContext ids = found.context.value_or(SpanContext());
  return SpanContext(ids.trace_id(), ids.span_id(), ids.flags(), found.baggage);
}

}  // namespace jtrace::inline v1::detail
