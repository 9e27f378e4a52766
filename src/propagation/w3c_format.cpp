#include "propagation/w3c_format.h"

#include <algorithm>

#include "propagation/hex.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kSize = 55;
constexpr std::size_t kMostMembers = 32;
constexpr std::size_t kMostKey = 256, kMostValue = 256;
// 32 members of the largest size, and as much again for blanks and empty members.
constexpr std::size_t kMostState = 2 * kMostMembers * (kMostKey + kMostValue + 2);
constexpr std::uint32_t kSampled = 1, kRandom = 2;

bool has_dashes(const char* text) noexcept { return text[2] == '-' && text[35] == '-' && text[52] == '-'; }

std::uint32_t read_byte(const char* digits, bool& wrong) noexcept {
  const std::uint32_t high = read_hex_digit(digits[0], HexCase::lower, wrong);
  return high << 4 | read_hex_digit(digits[1], HexCase::lower, wrong);
}

std::uint32_t to_own_flags(std::uint32_t flags) noexcept {
  return ((flags & kSampled) != 0 ? SpanContext::kSampled : 0) | ((flags & kRandom) != 0 ? 0 : SpanContext::kNotRandom);
}

bool is_key_start(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_key_char(char c) noexcept {
  return is_key_start(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}
bool is_value_char(char c) noexcept { return c >= ' ' && c <= '~' && c != ',' && c != '='; }

bool is_member(std::string_view member) noexcept {
  const std::size_t equals = member.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = member.substr(0, equals), value = member.substr(equals + 1);
  return !key.empty() && key.size() <= kMostKey && is_key_start(key.front()) &&
         std::all_of(key.begin(), key.end(), is_key_char) && !value.empty() && value.size() <= kMostValue &&
         value.back() != ' ' && std::all_of(value.begin(), value.end(), is_value_char);
}

// Of 55 characters, or of more in a higher version. False, and the context as it was, if it is none.
[[gnu::always_inline]] inline bool read_fields(std::string_view value, FoundContext& context) noexcept {
  if (value.size() < kSize || !has_dashes(value.data())) return false;
  bool wrong = false;
  const char* at = value.data();
  const std::uint32_t version = read_byte(at, wrong), flags = read_byte(at + 53, wrong);
  const TraceId trace{read_hex(at + 3, HexCase::lower, wrong), read_hex(at + 19, HexCase::lower, wrong)};
  const SpanId span{read_hex(at + 36, HexCase::lower, wrong)};
  if (wrong || version == 0xff || !trace.is_valid() || !span.is_valid()) return false;
  const bool is_size_right = value.size() == kSize || (version != 0 && value[kSize] == '-');
  if (!is_size_right) return false;
  context = {trace, span, to_own_flags(flags)};
  return true;
}

[[gnu::noinline]] bool read_trimmed(std::string_view value, FoundContext& context) noexcept {
  return read_fields(trim_header(value), context);
}

bool read_traceparent(std::string_view value, FoundContext& context) noexcept {
  return read_fields(value, context) || read_trimmed(value, context);
}

}  // namespace

std::optional<SpanContext> parse_traceparent(std::string_view value) noexcept {
  FoundContext context;
  return read_traceparent(value, context) ? std::optional(context.with(nullptr)) : std::nullopt;
}

std::optional<std::string> parse_tracestate(std::string_view value) {
  std::string members;
  std::size_t count = 0;
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view member = trim_header(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    if (member.empty()) continue;
    if (++count > kMostMembers || !is_member(member)) return std::nullopt;
    if (!members.empty()) members += ',';
    members += member;
  }
  return members;
}

void inject_w3c(const SpanContext& context, HeaderSink sink) {
  char text[kSize];
  text[0] = text[1] = '0';
  text[2] = '-';
  write_hex(write_hex(text + 3, context.trace_id().high), context.trace_id().low);
  text[35] = '-';
  write_hex(text + 36, context.span_id().value);
  text[52] = '-';
  text[53] = '0';
  text[54] = static_cast<char>('0' + (context.is_sampled() ? kSampled : 0) + (context.has_random_trace_id() ? kRandom : 0));
  sink.put(sink.to, kW3cParent, {text, kSize});
  if (!context.baggage()) [[likely]] return;
  if (const std::string_view state = context.trace_state(); !state.empty()) sink.put(sink.to, kW3cState, state);
}

void W3cParent::see(std::string_view value, Losses& losses) noexcept {
  const bool is_good = !is_there_ && read_traceparent(value, context_);
  is_there_ = true;
  if (is_good) [[likely]] return;
  context_ = {};
  ++losses.decoding_errors;
}

void W3cState::see(std::string_view value) {
  if (are_too_long_ || states_.size() + value.size() > kMostState) {
    are_too_long_ = true;
    return;
  }
  if (!states_.empty()) states_ += ',';
  states_ += value;
}

std::string W3cState::take(Losses& losses) const {
  auto read = are_too_long_ ? std::nullopt : parse_tracestate(states_);
  if (!read) ++losses.decoding_errors;
  return std::move(read).value_or(std::string());
}

}  // namespace jtrace::inline v1::detail
