#include "propagation/jaeger_format.h"

#include "propagation/hex.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kLongestHeader = 256;   // 32 + 16 + 16 + 2 digits and colons, all percent-encoded, and blanks
constexpr std::size_t kLongestWritten = 53;   // 32 + 16 + 1 + 1 digits and colons

std::string_view write_trace_header(char* to, const SpanContext& context) noexcept {
  char* at = to;
  if (context.trace_id().high != 0) at = write_hex(at, context.trace_id().high);
  at = write_hex(at, context.trace_id().low);
  *at++ = ':';
  at = write_hex(at, context.span_id().value);
  *at++ = ':';
  *at++ = '0';
  *at++ = ':';
  *at++ = static_cast<char>('0' + (context.flags() & 3));
  return {to, static_cast<std::size_t>(at - to)};
}

// What lies before the next colon, which is taken off too.
std::optional<std::string_view> take_part(std::string_view& rest) noexcept {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view part = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  return part;
}

// False, and the context as it was, if one of them is wrong.
bool read_parts(std::string_view trace_part, std::string_view span_part, std::string_view parent_part,
                std::string_view flags_part, FoundContext& context) noexcept {
  if (flags_part.size() > 2) return false;
  const auto trace = parse_trace_id(trace_part);
  const auto span = parse_hex(span_part), parent = parse_hex(parent_part), flags = parse_hex(flags_part);
  if (!trace || !span || !parent || !flags || !trace->is_valid() || *span == 0) return false;
  context = {*trace, SpanId{*span}, static_cast<std::uint32_t>(*flags) | SpanContext::kNotRandom};
  return true;
}

bool read_any_parts(std::string_view rest, FoundContext& context) noexcept {
  const auto trace = take_part(rest);
  const auto span = trace ? take_part(rest) : std::nullopt;
  const auto parent = span ? take_part(rest) : std::nullopt;
  return parent && read_parts(*trace, *span, *parent, rest, context);
}

// As most write it: all digits of the ids, 128 or 64 bits of a trace id, no parent, one digit of flags.
[[gnu::always_inline]] inline bool read_usual(std::string_view value, FoundContext& context) noexcept {
  const std::size_t trace = value.size() == kLongestWritten ? 32 : 16;
  if (value.size() != trace + 21 || value[trace] != ':' || value[trace + 17] != ':' || value[trace + 19] != ':')
    return false;
  bool wrong = false;
  const char* const low = value.data() + trace - 16;
  const TraceId id{trace == 32 ? read_hex(value.data(), HexCase::any, wrong) : 0, read_hex(low, HexCase::any, wrong)};
  const SpanId span{read_hex(low + 17, HexCase::any, wrong)};
  read_hex_digit(low[34], HexCase::any, wrong);
  const std::uint32_t flags = read_hex_digit(low[36], HexCase::any, wrong);
  if (wrong || !id.is_valid() || !span.is_valid()) return false;
  context = {id, span, flags | SpanContext::kNotRandom};
  return true;
}

// With blanks around it, percent-encoded, or with fewer or more digits than most have.
[[gnu::noinline]] bool read_unusual(std::string_view value, FoundContext& context) noexcept {
  value = trim_header(value);
  if (value.size() > kLongestHeader) return false;
  if (value.find('%') == std::string_view::npos) return read_any_parts(value, context);
  char text[kLongestHeader];
  return read_any_parts({text, decode_percent(value, Plus::is_plus, text)}, context);
}

}  // namespace

std::string format_trace_header(const SpanContext& context) {
  char text[kLongestWritten];
  return std::string(write_trace_header(text, context));
}

bool read_trace_header(std::string_view value, FoundContext& context) noexcept {
  if (read_usual(value, context)) [[likely]] return true;
  return read_unusual(value, context);
}

std::optional<SpanContext> parse_trace_header(std::string_view value) noexcept {
  FoundContext context;
  return read_trace_header(value, context) ? std::optional(context.with(nullptr)) : std::nullopt;
}

std::string encode_baggage(std::string_view text) { return encode_percent(text); }
std::string decode_baggage(std::string_view text) { return decode_percent(text, Plus::is_blank); }

void inject_jaeger(const Propagation& how, const SpanContext& context, HeaderSink sink) {
  char text[kLongestWritten];
  sink.put(sink.to, how.trace_id_header.view(), write_trace_header(text, context));
  if (!context.baggage()) [[likely]] return;
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    if (key.empty()) return;
    sink.put(sink.to, std::string(how.baggage_header_prefix.view()) + encode_key(key), encode_baggage(value));
  });
}

void read_jaeger_baggage(const Propagation& how, std::string_view key, std::string_view value, FoundBaggage& baggage,
                         Losses& losses) {
  if (value.size() / 3 > how.limits.max_value_bytes) {  // too long however much of it is encoded
    ++losses.baggage_dropped;
  } else {
    baggage.add(Format::jaeger, to_lower(key), decode_baggage(value), {}, losses);
  }
}

}  // namespace jtrace::inline v1::detail
