#include "text.h"

#include <array>
#include <cstdio>

namespace jtrace_send {

std::string with_separators(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string count_of(std::uint64_t number, std::string_view singular) {
  return with_separators(number) + " " + std::string(singular) + (number == 1 ? "" : "s");
}

std::string readable(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < milliseconds(1))
    return std::to_string(duration_cast<microseconds>(duration).count()) + " µs";
  if (duration < seconds(1)) return std::to_string(duration_cast<milliseconds>(duration).count()) + " ms";
  if (duration < minutes(2)) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(duration).count());
    return text.data();
  }
  const auto whole = duration_cast<seconds>(duration).count();
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

std::string one_line(std::string_view foreign, std::size_t limit) {
  std::string line(foreign.substr(0, foreign.find_first_of("\r\n")));
  if (line.size() > limit) {
    // Not in the middle of a UTF-8 character.
    while (limit > 0 && (static_cast<unsigned char>(line[limit]) & 0xc0) == 0x80) --limit;
    line.resize(limit);
    line += "…";
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    // C1 controls are 0xc2 0x80…0x9f in UTF-8, and some terminals obey them.
    const bool is_c1 =
        byte == 0xc2 && i + 1 < line.size() && (static_cast<unsigned char>(line[i + 1]) & 0xe0) == 0x80;
    if (is_c1) line.erase(i, 1);
    if (is_c1 || byte < 0x20 || byte == 0x7f) line[i] = '?';
  }
  return line;
}

std::string sentences(std::string first, std::string_view second) {
  if (!first.empty() && !second.empty()) first += ' ';
  return first += second;
}

std::string masked(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view rest = url.substr(start, url.find_first_of("?#", start) - start);
  std::string shown(url.substr(0, start));
  // The last '@', wherever it stands: a password with an unescaped '/' must not slip through.
  if (const std::size_t at = url.substr(start).rfind('@'); at != std::string_view::npos) {
    shown += "***@";
    if (at >= rest.size()) return shown + "…";
    shown += rest.substr(at + 1);
  } else {
    shown += rest;
  }
  if (start + rest.size() < url.size()) shown += "?…";
  return one_line(shown, 500);
}

}  // namespace jtrace_send
