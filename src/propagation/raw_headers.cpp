#include "jtrace/carriers.h"
#include "propagation/header_name.h"
#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

bool is_folded(std::string_view line) noexcept { return line.starts_with(' ') || line.starts_with('\t'); }

// A line without its end, which is taken off too.
std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Empty where the line is no header.
std::string_view name_of(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon == std::string_view::npos ? 0 : colon);
  return is_token(name) ? name : std::string_view();
}

// Calls see(line, from, to) with each line until the empty one: its place, the end of it included. Where that one begins.
template <class F>
std::size_t each_line(std::string_view text, F&& see) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t from = text.size() - rest.size();
    const std::string_view line = take_line(rest);
    if (line.empty()) return from;
    see(line, from, text.size() - rest.size());
  }
  return text.size();
}

void remove_header(std::string& text, std::string_view lower_name) {
  std::string kept;
  bool is_removing = false;
  const std::size_t end = each_line(text, [&](std::string_view line, std::size_t from, std::size_t to) {
    if (!is_folded(line)) is_removing = same_header(name_of(line), lower_name);
    if (!is_removing) kept.append(text, from, to - from);
  });
  kept.append(text, end);
  text = std::move(kept);
}

}  // namespace

void visit_raw_headers(std::string_view text, HeaderVisitor see) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) return;
    const std::string_view name = name_of(line);
    if (name.empty() || is_folded(text)) continue;
    see(name, trim_header(line.substr(name.size() + 1)));
  }
}

void set_raw_header(std::string& text, std::string_view name, std::string_view value) {
  remove_header(text, to_lower(name));
  std::size_t end = each_line(text, [](std::string_view, std::size_t, std::size_t) {});
  if (end != 0 && text[end - 1] != '\n') {
    text += "\r\n";
    end = text.size();
  }
  std::string line(name);
  line.append(": ").append(value).append("\r\n");
  text.insert(end, line);
}

}  // namespace jtrace::inline v1::detail
