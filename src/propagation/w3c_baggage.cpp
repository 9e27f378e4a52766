#include "propagation/w3c_baggage.h"

#include <algorithm>
#include <string>

#include "encode/utf8.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

// What every platform has to carry (bytes), and what the grammar allows (members).
constexpr std::size_t kMostBytes = 8192;
constexpr std::size_t kMostMembers = 180;

// baggage-octet: printing ASCII without '"' ',' ';' '\\'.
bool is_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
  });
}

// key or key=value, added without the blanks around each. False if it is none.
bool take_property(std::string_view text, std::string& properties) {
  const std::size_t equals = text.find('=');
  const std::string_view key = trim_header(text.substr(0, equals));
  if (!is_token(key)) return false;
  if (!properties.empty()) properties += ';';
  properties += key;
  if (equals == std::string_view::npos) return true;
  const std::string_view value = trim_header(text.substr(equals + 1));
  properties.append("=").append(value);
  return is_value(value);
}

// Of a member, without the first ';': "a;b=c". False if one of them is none.
bool take_properties(std::string_view text, std::string& properties) {
  while (true) {
    const std::size_t semicolon = text.find(';');
    if (!take_property(text.substr(0, semicolon), properties)) return false;
    if (semicolon == std::string_view::npos) return true;
    text.remove_prefix(semicolon + 1);
  }
}

std::string decode_value(std::string_view text) {
  std::string value = decode_percent(text, Plus::is_plus);
  return is_valid_utf8(value) ? value : repaired_utf8(value);
}

bool take_member(std::string_view member, FoundBaggage& baggage, Losses& losses) {
  const std::size_t semicolon = member.find(';');
  const std::string_view pair = member.substr(0, semicolon);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = trim_header(pair.substr(0, equals)), value = trim_header(pair.substr(equals + 1));
  std::string properties;
  if (!is_token(key) || !is_value(value)) return false;
  if (semicolon != std::string_view::npos && !take_properties(member.substr(semicolon + 1), properties)) return false;
  baggage.add(Format::w3c_baggage, key, decode_value(value), properties, losses);
  return true;
}

std::string write_member(const BaggageItem& item) {
  std::string member(item.key);
  member += '=';
  member += encode_percent(item.value);
  if (!item.properties.empty()) member.append(";").append(item.properties);
  return member;
}

}  // namespace

void parse_w3c_baggage(std::string_view value, FoundBaggage& baggage, Losses& losses) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view member = trim_header(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    if (!member.empty() && !take_member(member, baggage, losses)) ++losses.decoding_errors;
  }
}

void inject_w3c_baggage(const SpanContext& context, HeaderSink sink, Losses& losses) {
  if (!context.has_baggage()) [[likely]] return;
  std::string header;
  std::size_t count = 0;
  context.baggage()->visit_items([&](const BaggageItem& item) {
    const std::string member = is_token(item.key) ? write_member(item) : std::string();
    const std::size_t size = header.size() + (header.empty() ? 0 : 1) + member.size();
    if (member.empty() || count == kMostMembers || size > kMostBytes) {
      ++losses.baggage_dropped;
      return;
    }
    if (!header.empty()) header += ',';
    header += member;
    ++count;
  });
  if (!header.empty()) sink.put(sink.to, kW3cBaggage, header);
}

}  // namespace jtrace::inline v1::detail
