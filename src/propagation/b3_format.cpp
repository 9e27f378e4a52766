#include "propagation/b3_format.h"

#include <string>

#include "propagation/hex.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

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

FoundContext decision(std::uint32_t state) noexcept { return {{}, {}, state | SpanContext::kDecided}; }

char* write_trace_id(char* to, TraceId id) noexcept {
  if (id.high != 0) to = write_hex(to, id.high);
  return write_hex(to, id.low);
}

bool is_undecided(const SpanContext& context) noexcept { return (context.all_flags() & SpanContext::kUndecided) != 0; }

std::string_view text_of(const char* from, const char* to) noexcept { return {from, static_cast<std::size_t>(to - from)}; }

// As most write it: ids and a decision, no parent.
[[gnu::always_inline]] inline bool read_usual(std::string_view value, FoundContext& context) noexcept {
  const std::size_t trace = value.size() == 51 ? 32 : 16;
  if (value.size() != trace + 19 || value[trace] != '-' || value[trace + 17] != '-') return false;
  bool wrong = false;
  const char* const low = value.data() + trace - 16;
  const TraceId id{trace == 32 ? read_hex(value.data(), HexCase::any, wrong) : 0, read_hex(low, HexCase::any, wrong)};
  const SpanId span{read_hex(low + 17, HexCase::any, wrong)};
  const char state = low[34];
  wrong |= state != '0' && state != '1' && state != 'd';
  if (wrong || !id.is_valid() || !span.is_valid()) return false;
  context = {id, span, (state == 'd' ? kDebug : state == '1' ? SpanContext::kSampled : 0) | SpanContext::kNotRandom};
  return true;
}

// False, and the context as it was, if it is none.
bool read_unusual(std::string_view value, FoundContext& context) noexcept {
  value = trim_header(value);
  if (const auto state = parse_state(value)) {
    context = decision(*state);
    return true;
  }
  if (value.ends_with('-')) return false;
  const auto trace = parse_b3_trace(take_part(value));
  const auto span = parse_b3_span(take_part(value));
  if (!trace || !span) return false;
  const auto state = value.empty() ? std::optional(SpanContext::kUndecided) : parse_state(take_part(value));
  if (!state || (!value.empty() && !parse_b3_span(value))) return false;
  context = {*trace, *span, *state | SpanContext::kNotRandom};
  return true;
}

bool read_b3(std::string_view value, FoundContext& context) noexcept {
  return read_usual(value, context) || read_unusual(value, context);
}

}  // namespace

std::optional<SpanContext> parse_b3(std::string_view value) noexcept {
  FoundContext context;
  return read_b3(value, context) ? std::optional(context.with(nullptr)) : std::nullopt;
}

void inject_b3_multi(const SpanContext& context, HeaderSink sink) {
  char text[32];
  sink.put(sink.to, kB3TraceId, text_of(text, write_trace_id(text, context.trace_id())));
  sink.put(sink.to, kB3SpanId, text_of(text, write_hex(text, context.span_id().value)));
  if (context.is_debug()) return sink.put(sink.to, kB3Flags, "1");
  if (!is_undecided(context)) sink.put(sink.to, kB3Sampled, context.is_sampled() ? "1" : "0");
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
  sink.put(sink.to, kB3Single, text_of(text, at));
}

void inject_b3_baggage(const SpanContext& context, HeaderSink sink) {
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    if (!key.empty()) sink.put(sink.to, std::string(kB3BaggagePrefix) + encode_key(key), encode_plainly(value));
  });
}

void B3Reader::see_single(std::string_view value, Losses& losses) noexcept {
  has_any_ = true;
  if (!single_.is_valid() && !read_b3(value, single_)) ++losses.decoding_errors;
}

void B3Reader::see_trace_id(std::string_view value, Losses& losses) noexcept {
  const auto read = parse_b3_trace(trim_header(value));
  multi_.trace_id = read.value_or(TraceId());
  take(read.has_value(), losses);
}

void B3Reader::see_span_id(std::string_view value, Losses& losses) noexcept {
  const auto read = parse_b3_span(trim_header(value));
  multi_.span_id = read.value_or(SpanId());
  take(read.has_value(), losses);
}

void B3Reader::see_sampled(std::string_view value, Losses& losses) noexcept {
  value = trim_header(value);
  const bool yes = value == "1" || same_header(value, "true"), no = value == "0" || same_header(value, "false");
  if ((yes || no) && !multi_.has(SpanContext::kDebug)) multi_.flags = yes ? SpanContext::kSampled : 0;
  take(yes || no, losses);
}

void B3Reader::see_flags(std::string_view value, Losses& losses) noexcept {
  value = trim_header(value);
  if (value == "1") multi_.flags = kDebug;
  take(value == "1" || value == "0", losses);
}

void B3Reader::take(bool is_right, Losses& losses) noexcept {
  has_any_ = true;
  if (is_right) return;
  is_broken_ = true;
  ++losses.decoding_errors;
}

FoundContext B3Reader::finish(Losses& losses) noexcept {
  if (single_.is_valid() || single_.has(SpanContext::kDecided)) return single_;
  if (is_broken_) return {};
  if (multi_.is_valid()) return {multi_.trace_id, multi_.span_id, multi_.flags | SpanContext::kNotRandom};
  if (multi_.trace_id.is_valid() || multi_.span_id.is_valid()) {  // one without the other
    ++losses.decoding_errors;
    return {};
  }
  return multi_.has(SpanContext::kUndecided) ? FoundContext() : decision(multi_.flags);
}

void read_b3_baggage(std::string_view key, std::string_view value, FoundBaggage& baggage, Losses& losses) {
  baggage.add(Format::b3_multi, to_lower(key), decode_percent(value, Plus::is_plus), {}, losses);
}

}  // namespace jtrace::inline v1::detail
