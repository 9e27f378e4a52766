#include "pretty.h"

namespace jtrace::collector {
namespace {

constexpr std::size_t kIndent = 4;

void new_line(std::string& text, std::size_t depth) {
  text += '\n';
  text.append(depth * kIndent, ' ');
}

// The index behind the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

bool opens(char character) { return character == '{' || character == '['; }
bool closes(char character) { return character == '}' || character == ']'; }
bool is_blank(char character) { return character == ' ' || character == '\n' || character == '\r' || character == '\t'; }

}  // namespace

std::string indent_json(std::string_view json) {
  std::string text;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char character = json[at];
    const bool is_first_inside = !text.empty() && opens(text.back()) && !closes(character) && !is_blank(character);
    if (is_first_inside) new_line(text, depth);
    if (character == '"') {
      const std::size_t end = end_of_string(json, at);
      text += json.substr(at, end - at);
      at = end;
      continue;
    }
    ++at;
    if (is_blank(character)) continue;
    if (closes(character)) {
      --depth;
      if (!opens(text.back())) new_line(text, depth);
    }
    text += character;
    if (opens(character)) ++depth;
    if (character == ',') new_line(text, depth);
    if (character == ':') text += ' ';
  }
  return text + '\n';
}

}  // namespace jtrace::collector
