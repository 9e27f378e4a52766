#include "config/tags.h"

#include <cstdlib>
#include <string>

#include "config/parse.h"

namespace jtrace::inline v1::detail {
namespace {

// "${VARIABLE:default}", or the text itself.
std::string resolve(std::string_view value) {
  if (!value.starts_with("${") || !value.ends_with('}')) return std::string(value);
  value = value.substr(2, value.size() - 3);
  const std::size_t colon = value.find(':');
  const char* set = std::getenv(std::string(value.substr(0, colon)).c_str());
  if (set && *set) return set;
  return colon == std::string_view::npos ? "" : std::string(value.substr(colon + 1));
}

}  // namespace

std::optional<std::vector<ProcessTag>> parse_tags(std::string_view text) {
  std::vector<ProcessTag> tags;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view key = trim(pair.substr(0, equals));
    if (equals == std::string_view::npos || key.empty()) return std::nullopt;
    tags.push_back({std::string(key), resolve(trim(pair.substr(equals + 1)))});
  }
  return tags;
}

}  // namespace jtrace::inline v1::detail
