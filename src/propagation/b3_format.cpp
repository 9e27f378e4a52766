#include "propagation/b3_format.h"

#include <string>

#include "propagation/hex.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kSingle = "b3", kMulti = "x-b3-", kBaggagePrefix = "baggage-";
constexpr std::string_view kTraceId = "x-b3-traceid", kSpanId = "x-b3-spanid", kSampled = "x-b3-sampled",
                           kFlags = "x-b3-flags";
constexpr std::uint32_t kDebug = SpanContext::kSampled | SpanContext::kDebug;

std::optional<TraceId> parse_b3_trace(std::string_view text) noexcept {
  const auto id = text.size() == 16 || text.size() == 32 ? parse_trace_id(text) : std::nullopt;
  return id && id->is_valid() ? id : std::nullopt;
}

std::optional<SpanId> parse_b3_span(std::string_view text) noexcept {
  const auto id = text.size() == 16 ? parse_hex(text) : std::nullopt;
  return id && *id != 0 ? std::optional(SpanId{*id}) : std::nullopt;
}

std::optional<std::uint32_t> parse_state(std::string_view text) noexcept {
  if (text == "1") return SpanContext::kSampled;
  if (text == "0") return 0;
  if (text == "d") return kDebug;
  return std::nullopt;
}

std::string_view take_part(std::string_view& rest) noexcept {
  const std::size_t dash = rest.find('-');
  const std::string_view part = rest.substr(0, dash);
  rest = dash == std::string_view::npos ? std::string_view() : rest.substr(dash + 1);
  return part;
}

SpanContext decision(std::uint32_t state) noexcept {
  return SpanContext({}, {}, state | SpanContext::kDecided, nullptr);
}

char* write_trace_id(char* to, TraceId id) noexcept {
  if (id.high != 0) to = write_hex(to, id.high);
  return write_hex(to, id.low);
}

bool is_undecided(const SpanContext& context) noexcept { return (context.all_flags() & SpanContext::kUndecided) != 0; }

std::string_view text_of(const char* from, const char* to) noexcept { return {from, static_cast<std::size_t>(to - from)}; }

}  // namespace

std::optional<SpanContext> parse_b3(std::string_view value) noexcept {
  value = trim_header(value);
  if (const auto state = parse_state(value)) return decision(*state);
  if (value.ends_with('-')) return std::nullopt;
  const auto trace = parse_b3_trace(take_part(value));
  const auto span = parse_b3_span(take_part(value));
  if (!trace || !span) return std::nullopt;
  std::uint32_t flags = SpanContext::kNotRandom;
  if (value.empty()) return SpanContext(*trace, *span, flags | SpanContext::kUndecided, nullptr);
  const auto state = parse_state(take_part(value));
  if (!state || (!value.empty() && !parse_b3_span(value))) return std::nullopt;
  return SpanContext(*trace, *span, flags | *state, nullptr);
}

void inject_b3_multi(const SpanContext& context, HeaderSink sink) {
  char text[32];
  sink.put(sink.to, kTraceId, text_of(text, write_trace_id(text, context.trace_id())));
  sink.put(sink.to, kSpanId, text_of(text, write_hex(text, context.span_id().value)));
  if (context.is_debug()) return sink.put(sink.to, kFlags, "1");
  if (!is_undecided(context)) sink.put(sink.to, kSampled, context.is_sampled() ? "1" : "0");
}

void inject_b3_single(const SpanContext& context, HeaderSink sink) {
  char text[32 + 1 + 16 + 2];
  char* at = write_trace_id(text, context.trace_id());
  *at++ = '-';
  at = write_hex(at, context.span_id().value);
  if (!is_undecided(context)) {
    *at++ = '-';
    *at++ = context.is_debug() ? 'd' : context.is_sampled() ? '1' : '0';
  }
  sink.put(sink.to, kSingle, text_of(text, at));
}

void inject_b3_baggage(const SpanContext& context, HeaderSink sink) {
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    if (!key.empty()) sink.put(sink.to, std::string(kBaggagePrefix) + encode_key(key), encode_plainly(value));
  });
}

bool B3Reader::see(std::string_view name, std::string_view value, FoundBaggage& baggage, Losses& losses) {
  if (same_header(name, kSingle)) {
    see_single(value, losses);
  } else if (name.size() > kMulti.size() && same_header(name.substr(0, kMulti.size()), kMulti)) {
    see_multi(name, trim_header(value), losses);
  } else if (name.size() > kBaggagePrefix.size() && same_header(name.substr(0, kBaggagePrefix.size()), kBaggagePrefix)) {
    baggage.add(Format::b3_multi, to_lower(name.substr(kBaggagePrefix.size())), decode_percent(value, Plus::is_plus), {},
                losses);
  } else {
    return false;
  }
  return true;
}

void B3Reader::see_single(std::string_view value, Losses& losses) noexcept {
  if (single_.is_valid()) return;
  if (const auto read = parse_b3(value)) {
    single_ = *read;
  } else {
    ++losses.decoding_errors;
  }
}

void B3Reader::see_multi(std::string_view name, std::string_view value, Losses& losses) noexcept {
  bool is_right = true;
  if (same_header(name, kTraceId)) {
    const auto read = parse_b3_trace(value);
    is_right = read.has_value();
    trace_ = read.value_or(TraceId());
  } else if (same_header(name, kSpanId)) {
    const auto read = parse_b3_span(value);
    is_right = read.has_value();
    span_ = read.value_or(SpanId());
  } else if (same_header(name, kSampled)) {
    const bool yes = value == "1" || same_header(value, "true"), no = value == "0" || same_header(value, "false");
    is_right = yes || no;
    if (is_right && (state_ & SpanContext::kDebug) == 0) state_ = yes ? SpanContext::kSampled : 0;
  } else if (same_header(name, kFlags)) {
    is_right = value == "1" || value == "0";
    if (value == "1") state_ = kDebug;
  } else {
    return;  // a parent's id, which is nobody's business, or a name that B3 does not know
  }
  has_multi_ = true;
  if (is_right) return;
  is_broken_ = true;
  ++losses.decoding_errors;
}

SpanContext B3Reader::finish(Losses& losses) noexcept {
  const bool has_single = single_.is_valid() || (single_.all_flags() & SpanContext::kDecided) != 0;
  if (has_single) return single_;
  if (!has_multi_ || is_broken_) return {};
  if (trace_.is_valid() && span_.is_valid()) return SpanContext(trace_, span_, state_ | SpanContext::kNotRandom, nullptr);
  if (trace_.is_valid() || span_.is_valid()) {  // one without the other
    ++losses.decoding_errors;
    return {};
  }
  return (state_ & SpanContext::kUndecided) == 0 ? decision(state_) : SpanContext();
}

}  // namespace jtrace::inline v1::detail
