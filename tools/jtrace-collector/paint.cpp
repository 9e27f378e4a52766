#include "paint.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "format.h"
#include "text.h"

namespace jtrace::collector {
namespace {

const Symbols kUnicode{"├─ ", "└─ ", "│  ", "·", "✗", "⤷ ", "·", "…"};
const Symbols kAscii{"|- ", "`- ", "|  ", "-", "!", "? ", "-", "~"};

// One hue for each service, again from the first when they run out; red is kept for errors.
constexpr std::array<std::string_view, 6> kHues = {"36", "32", "33", "35", "34", "96"};
constexpr std::string_view kErrorHue = "31";

// Blocks that fill a cell from the left, by eighths.
constexpr std::array<std::string_view, 9> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::string_view kFull = "█";
constexpr std::string_view kRightHalf = "▐";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Where a bar stands, in eighths of a cell.
struct Extent {
  std::size_t begin;
  std::size_t end;
};

Extent extent_of(std::size_t width, std::uint64_t whole, std::uint64_t begin, std::uint64_t length) {
  const double eighths = static_cast<double>(width) * 8;
  const double scale = whole == 0 ? 0 : eighths / static_cast<double>(whole);
  const auto limit = width * 8;
  // An eighth at least, so that every span is seen; a whole trace of no length is one short bar.
  const auto first = std::min(static_cast<std::size_t>(std::lround(static_cast<double>(begin) * scale)), limit - 1);
  const auto size = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(static_cast<double>(length) * scale)));
  return {first, std::min(first + size, limit)};
}

std::string unicode_bar(const Extent& extent) {
  const std::size_t cell = extent.begin / 8;
  const std::size_t last = extent.end / 8;
  std::string bar(cell, ' ');
  if (cell == last) return bar + std::string(extent.begin % 8 >= 4 ? "▐" : kEighths[std::max<std::size_t>(extent.end % 8, 1)]);
  bar += extent.begin % 8 >= 4 ? kRightHalf : kFull;
  for (std::size_t i = cell + 1; i < last; ++i) bar += kFull;
  return bar + std::string(kEighths[extent.end % 8]);
}

std::string ascii_bar(const Extent& extent) {
  const std::size_t cell = extent.begin / 8;
  const std::size_t cells = std::max<std::size_t>(1, (extent.end + 4) / 8 - std::min(cell, (extent.end + 4) / 8));
  return std::string(cell, ' ') + (cells == 1 ? "|" : std::string(cells, '='));
}

}  // namespace

Paint::Paint(bool colours, bool ascii) : colours_(colours), ascii_(ascii), symbols_(ascii ? kAscii : kUnicode) {}

std::string Paint::wrap(std::string_view code, const std::string& text) const {
  if (!colours_ || text.empty()) return text;
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

std::string Paint::text(std::string text) const {
  if (ascii_) replace_all(text, "µ", "u");
  return text;
}

std::string Paint::label(const std::string& text, std::size_t guide_bytes, const std::string& service, bool is_error,
                         std::size_t hue) const {
  if (!colours_) return text;
  const std::size_t guides = std::min(guide_bytes, text.size());
  // The service stands last; where the label was cut there may be only its beginning, and then no colour for it.
  const std::string tail = "  " + service;
  const std::size_t found = service.empty() ? std::string::npos : text.rfind(tail);
  const std::size_t end = found == std::string::npos || found < guides ? text.size() : found;
  const std::string colour = "1;" + std::string(is_error ? kErrorHue : kHues[hue % kHues.size()]);
  return dim(text.substr(0, guides)) + wrap(colour, text.substr(guides, end - guides)) + dim(text.substr(end));
}

std::string Paint::bar(std::size_t width, std::uint64_t whole, std::uint64_t begin, std::uint64_t length,
                       bool is_error, std::size_t hue) const {
  const Extent extent = extent_of(width, whole, begin, length);
  return wrap(is_error ? kErrorHue : kHues[hue % kHues.size()], ascii_ ? ascii_bar(extent) : unicode_bar(extent));
}

std::string make_axis(std::size_t width, std::uint64_t whole) {
  constexpr std::size_t kRoomForOne = 14;
  const auto most = static_cast<std::size_t>(std::clamp<std::uint64_t>(whole, 1, 4));
  const std::size_t intervals = std::clamp<std::size_t>(width / kRoomForOne, 1, most);
  std::string axis = "0";
  std::size_t used = 1;
  for (std::size_t i = 1; i <= intervals; ++i) {
    const std::string mark = format_duration(whole / intervals * i + whole % intervals * i / intervals);
    const std::size_t end = width * i / intervals;
    const std::size_t size = columns(mark);
    if (end < used + size + 1) continue;
    axis += std::string(end - used - size, ' ') + mark;
    used = end;
  }
  return axis;
}

}  // namespace jtrace::collector
