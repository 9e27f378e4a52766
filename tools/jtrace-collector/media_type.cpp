#include "media_type.h"

#include <algorithm>
#include <set>

namespace jtrace::collector {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

bool is_token_character(char character) {
  constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
  return character > 0x20 && character < 0x7f && kSpecials.find(character) == std::string_view::npos;
}

std::string_view trim_left(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::string_view trim(std::string_view text) {
  text = trim_left(text);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

// Cuts the leading token off `rest`.
std::string_view take_token(std::string_view& rest) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_token_character);
  const auto token = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(token.size());
  return token;
}

// Cuts a leading quoted string off `rest`, or says that there is none.
bool take_quoted(std::string_view& rest) {
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '"') return rest.remove_prefix(at + 1), true;
    if (rest[at] == '\r' || rest[at] == '\n') return false;
    if (rest[at] == '\\') ++at;
  }
  return false;
}

// Cuts `; name=value` off `rest`; the name, or empty when that is not what stands there.
std::string take_parameter(std::string_view& rest) {
  std::string_view text = trim_left(rest);
  if (!text.starts_with(';')) return {};
  text = trim_left(text.substr(1));
  const std::string name = lower(take_token(text));
  text = trim_left(text);
  if (!text.starts_with('=')) return {};
  text = trim_left(text.substr(1));
  const bool has_value = text.starts_with('"') ? take_quoted(text) : !take_token(text).empty();
  if (!has_value) return {};
  rest = text;
  return name;
}

std::string check_name(std::string_view name) {
  if (take_token(name).empty()) return "mime: no media type";
  if (name.empty()) return {};
  if (!name.starts_with('/')) return "mime: expected slash after first token";
  name.remove_prefix(1);
  if (take_token(name).empty()) return "mime: expected token after slash";
  return name.empty() ? "" : "mime: unexpected content after media subtype";
}

std::string check_parameters(std::string_view rest) {
  std::set<std::string> names;
  while (!trim(rest).empty()) {
    const std::string name = take_parameter(rest);
    if (name.empty()) return trim(rest) == ";" ? "" : "mime: invalid media parameter";
    if (!names.insert(name).second) return "mime: duplicate parameter name";
  }
  return {};
}

}  // namespace

MediaType parse_media_type(std::string_view text) {
  const std::string_view base = text.substr(0, text.find(';'));
  MediaType type;
  type.name = lower(trim(base));
  type.error = check_name(type.name);
  if (type.error.empty()) type.error = check_parameters(text.substr(base.size()));
  return type;
}

}  // namespace jtrace::collector
