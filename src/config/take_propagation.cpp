#include "config/take_propagation.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <span>

#include "config/parse.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

struct Name {
  std::string_view name;
  std::initializer_list<Format> formats;
};

// As Jaeger's clients call them, for whom b3 is several headers; and as OpenTelemetry does.
const Name kNames[] = {
    {"jaeger", {Format::jaeger}},
    {"w3c", {Format::w3c_context, Format::w3c_baggage}},
    {"tracecontext", {Format::w3c_context}},
    {"baggage", {Format::w3c_baggage}},
    {"b3", {Format::b3_multi}},
    {"b3multi", {Format::b3_multi}},
    {"b3-single", {Format::b3_single}},
    {"b3single", {Format::b3_single}},
    {"none", {}},
};
std::string_view take_word(std::string_view& list) noexcept {
  const std::size_t comma = list.find(',');
  const std::string_view word = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return word;
}

void add(Propagation& to, Format format) noexcept {
  const auto formats = to.formats();
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) to.list[to.count++] = format;
}

// Replaces the list by that of the text; calls unknown(word) with what is no name.
template <class Unknown>
void take_list(Propagation& to, std::string_view text, std::span<const Name> names, Unknown&& unknown) {
  to.count = 0;
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    if (word.empty()) continue;
    const auto known = std::find_if(names.begin(), names.end(), [&](const Name& n) { return same_header(word, n.name); });
    if (known == names.end()) {
      unknown(word);
    } else {
      for (const Format format : known->formats) add(to, format);
    }
  }
}

template <HeaderName Propagation::* Member>
const char* take_header_name(Draft& draft, std::string_view text) {
  const std::string_view name = trim(text);
  if (!is_token(name) || name.size() > HeaderName::kMost)
    return "the name of a header: letters, digits and -_.!#$%&'*+^`|~, at most 63 of them";
  draft.settings.propagation.*Member = HeaderName(name);
  return nullptr;
}

constexpr std::uint32_t kMostItems = 1000;
constexpr std::uint32_t kMostBytes = 1 << 20;
constexpr const char* kSizeAllowed = "a size such as 2048 or 8KiB, at most 1MiB";

template <std::uint32_t BaggageLimits::* Member>
const char* take_size(Draft& draft, std::string_view text) {
  const auto value = parse_bytes(text, 1);
  if (!value || *value > kMostBytes) return kSizeAllowed;
  draft.settings.propagation.limits.*Member = static_cast<std::uint32_t>(*value);
  return nullptr;
}

// "key" or "key:most bytes".
bool take_rule(std::string_view word, std::vector<BaggageRule>& rules) {
  const std::size_t colon = word.rfind(':');
  const std::string_view key = trim(word.substr(0, colon));
  const auto most = colon == std::string_view::npos ? std::optional<std::int64_t>(kMostBytes)
                                                    : parse_bytes(word.substr(colon + 1), 1);
  if (key.empty() || !most || *most > kMostBytes) return false;
  rules.push_back({std::string(key), static_cast<std::uint32_t>(*most)});
  return true;
}

}  // namespace

const char* take_propagation(Draft& draft, std::string_view text) {
  bool is_right = true;
  Propagation& propagation = draft.settings.propagation;
  take_list(propagation, text, kNames, [&](std::string_view) { is_right = false; });
  return is_right ? nullptr : "a list of jaeger, w3c, tracecontext, baggage, b3, b3multi and b3-single, or none";
}

const char* take_trace_id_header(Draft& draft, std::string_view text) {
  return take_header_name<&Propagation::trace_id_header>(draft, text);
}
const char* take_baggage_header_prefix(Draft& draft, std::string_view text) {
  return take_header_name<&Propagation::baggage_header_prefix>(draft, text);
}
const char* take_debug_id_header(Draft& draft, std::string_view text) {
  return take_header_name<&Propagation::debug_id_header>(draft, text);
}
const char* take_baggage_header(Draft& draft, std::string_view text) {
  return take_header_name<&Propagation::baggage_header>(draft, text);
}

const char* take_baggage_max_items(Draft& draft, std::string_view text) {
  const auto value = parse_number(text);
  if (!value || *value < 0 || *value > kMostItems || *value != std::floor(*value)) return "a number from 0 to 1000";
  draft.settings.propagation.limits.max_items = static_cast<std::uint32_t>(*value);
  return nullptr;
}
const char* take_baggage_max_key_bytes(Draft& draft, std::string_view text) {
  return take_size<&BaggageLimits::max_key_bytes>(draft, text);
}
const char* take_baggage_max_value_bytes(Draft& draft, std::string_view text) {
  return take_size<&BaggageLimits::max_value_bytes>(draft, text);
}

const char* take_baggage_allowed(Draft& draft, std::string_view text) {
  std::vector<BaggageRule>& rules = draft.settings.baggage_allowed;
  rules.clear();
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    if (!word.empty() && !take_rule(word, rules)) return "a list of keys, each with its longest value or without: user-id:64,plan";
  }
  return nullptr;
}

}  // namespace jtrace::inline v1::detail
