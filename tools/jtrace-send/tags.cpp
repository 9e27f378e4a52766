#include "tags.h"

#include <charconv>

namespace jtrace_send {
namespace {

// At commas behind which a key and '=' follow.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts{""};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escaped = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ',' || text[i + 1] == '\\');
    if (is_escaped) ++i;
    const std::string_view next = text.substr(i + 1, text.find(',', i + 1) - i - 1);
    if (text[i] == ',' && !is_escaped && next.find('=', 1) != std::string_view::npos) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

template <class Number>
std::optional<TagValue> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return TagValue(number);
}

std::optional<TagValue> parse_truth(std::string_view text) {
  if (text == "true" || text == "1") return TagValue(true);
  if (text == "false" || text == "0") return TagValue(false);
  return std::nullopt;
}

std::optional<TagValue> parse_text(std::string_view text) { return TagValue(std::string(text)); }

struct Type {
  std::string_view suffix;
  std::optional<TagValue> (*parse)(std::string_view);
};
constexpr Type kTypes[] = {
    {":int", parse_number<std::int64_t>}, {":double", parse_number<double>}, {":bool", parse_truth}, {":string", parse_text}};

}  // namespace

std::optional<Tags> parse_tags(std::string_view text) {
  Tags tags;
  for (const std::string& part : split(text)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) return std::nullopt;
    std::string_view key = std::string_view(part).substr(0, equals);
    auto parse = parse_text;
    for (const Type& type : kTypes) {
      if (!key.ends_with(type.suffix)) continue;
      key.remove_suffix(type.suffix.size());
      parse = type.parse;
      break;
    }
    auto value = parse(std::string_view(part).substr(equals + 1));
    if (key.empty() || !value) return std::nullopt;
    tags.emplace_back(key, std::move(*value));
  }
  return tags;
}

}  // namespace jtrace_send
