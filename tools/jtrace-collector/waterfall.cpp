#include "waterfall.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "format.h"
#include "paint.h"
#include "text.h"
#include "tree.h"

namespace jtrace::collector {
namespace {

// What a span shows beside its line; the page has the rest.
constexpr std::size_t kMaxRows = 200;
constexpr std::size_t kMaxLogs = 5;
constexpr std::size_t kMaxDepthDrawn = 24;
constexpr std::size_t kMinWidth = 60;
constexpr std::size_t kDurationWidth = 9;
constexpr std::string_view kMargin = "  ";
// Tags that say how a trace was made rather than what happened in it.
constexpr std::array<std::string_view, 4> kUnshownTags = {"sampler.type", "sampler.param", "internal.span.format",
                                                          "error"};

bool is_unshown(const Tag& tag) {
  return std::find(kUnshownTags.begin(), kUnshownTags.end(), tag.key) != kUnshownTags.end();
}

// Draws one trace. Holds what all its lines share: the tree, the widths, the guides of the rows above.
class Drawing {
 public:
  Drawing(const Trace& trace, const WaterfallStyle& style)
      : trace_(trace),
        tree_(make_tree(trace)),
        paint_(style.colours, style.ascii),
        link_(style.link),
        width_(std::max(style.width, kMinWidth)) {
    measure_columns();
  }

  std::string draw() {
    draw_heading();
    draw_axis();
    for (std::size_t i = 0; i < std::min(tree_.rows.size(), kMaxRows); ++i) draw_span(i);
    draw_omitted();
    return std::move(out_) + "\n";
  }

 private:
  void measure_columns();
  void draw_heading();
  void draw_axis();
  void draw_span(std::size_t index);
  void draw_tags(const Row& row);
  void draw_logs(const Row& row);
  void draw_omitted();

  std::string guides_for(const Row& row) const;
  std::string guides_below(const Row& row) const;
  std::string label_for(const Row& row) const;
  std::string service_shown(const Row& row) const;
  void detail_line(const Row& row, const std::string& text);
  void remember(const Row& row);
  std::size_t service_index(const Span& span) const;
  std::string pairs(const std::vector<Tag>& tags, bool all) const;

  const Trace& trace_;
  const Tree tree_;
  const Paint paint_;
  const std::string link_;
  const std::size_t width_;
  std::size_t label_width_ = 0;
  std::size_t bar_width_ = 0;
  std::vector<bool> more_below_;           // by depth: does the row above at that depth have later siblings?
  std::vector<std::string> services_above_;  // by depth: the service of the row above at that depth
  std::string out_;
};

std::string Drawing::guides_for(const Row& row) const {
  if (row.depth > kMaxDepthDrawn) return paint_.symbols().ellipsis + std::to_string(row.depth) + " ";
  std::string guides;
  for (std::size_t depth = 1; depth < row.depth; ++depth) {
    guides += more_below_[depth] ? paint_.symbols().pipe : "   ";
  }
  if (row.depth > 0) guides += row.is_last ? paint_.symbols().corner : paint_.symbols().branch;
  return guides;
}

// The guides that go on beside the details of a row, down to its children and siblings.
std::string Drawing::guides_below(const Row& row) const {
  std::string guides;
  const std::size_t drawn = std::min(row.depth, kMaxDepthDrawn);
  for (std::size_t depth = 1; depth <= drawn; ++depth) {
    guides += more_below_[depth] ? paint_.symbols().pipe : "   ";
  }
  return guides + (row.has_children ? paint_.symbols().pipe : "   ");
}

// The service, where it is another than the parent's.
std::string Drawing::service_shown(const Row& row) const {
  const std::string& service = row.span->process->service;
  if (row.depth > 0 && services_above_[row.depth - 1] == service) return {};
  return printable(service);
}

std::string Drawing::label_for(const Row& row) const {
  std::string label = guides_for(row);
  if (row.is_orphan) label += paint_.symbols().orphan;
  label += row.span->operation.empty() ? "(no name)" : printable(row.span->operation);
  if (is_error(*row.span)) label += " " + paint_.symbols().error;
  if (const std::string service = service_shown(row); !service.empty()) label += "  " + service;
  return label;
}

void Drawing::remember(const Row& row) {
  more_below_.resize(row.depth + 1);
  more_below_[row.depth] = !row.is_last;
  services_above_.resize(row.depth + 1);
  services_above_[row.depth] = row.span->process->service;
}

void Drawing::measure_columns() {
  std::size_t widest = 12;
  for (std::size_t i = 0; i < std::min(tree_.rows.size(), kMaxRows); ++i) {
    remember(tree_.rows[i]);
    widest = std::max(widest, columns(label_for(tree_.rows[i])));
  }
  label_width_ = std::min(widest, width_ * 45 / 100);
  // margin, label, two blanks, duration, two blanks, bar, one column free so that no terminal wraps
  bar_width_ = width_ - kMargin.size() - label_width_ - 2 - kDurationWidth - 2 - 1;
}

std::size_t Drawing::service_index(const Span& span) const {
  const auto& services = tree_.services;
  const auto found = std::find(services.begin(), services.end(), span.process->service);
  return static_cast<std::size_t>(found - services.begin());
}

// One line, or two where the terminal is narrow.
void Drawing::draw_heading() {
  const std::string separator = " " + paint_.symbols().dot + " ";
  const std::string title = "Trace " + to_hex(trace_.id);
  std::string counts = format_count(tree_.rows.size(), "span");
  if (tree_.services.size() > 1) counts += separator + format_count(tree_.services.size(), "service");
  const std::string errors = tree_.errors > 0 ? format_count(tree_.errors, "error") : "";
  const std::string length = paint_.text(format_duration(tree_.length));
  const std::string time = format_time(tree_.start);

  const bool is_narrow = columns(title + counts + errors + length + time) + 4 * columns(separator) >= width_;
  out_ += paint_.bold(title) + (is_narrow ? "\n" + std::string(kMargin) : separator) + counts;
  if (!errors.empty()) out_ += separator + paint_.error(errors);
  out_ += separator + length + separator + paint_.dim(time) + "\n";
  if (!link_.empty()) out_ += paint_.dim(link_) + "\n";
}

void Drawing::draw_axis() {
  const std::string axis = make_axis(bar_width_, tree_.length);
  out_ += std::string(kMargin.size() + label_width_ + 2 + kDurationWidth + 2, ' ');
  out_ += paint_.dim(paint_.text(axis)) + "\n";
}

void Drawing::draw_span(std::size_t index) {
  const Row& row = tree_.rows[index];
  const Span& span = *row.span;
  const std::size_t hue = service_index(span);
  remember(row);

  const std::string guides = guides_for(row);
  const std::string service = service_shown(row);
  const std::string label = fit(label_for(row), label_width_, paint_.symbols().ellipsis);
  out_ += kMargin;
  out_ += paint_.label(label, guides.size(), service, is_error(span), hue);

  const std::string duration = paint_.text(format_duration(static_cast<std::uint64_t>(span.duration)));
  const std::size_t used = columns(duration);
  out_ += std::string(2 + (used < kDurationWidth ? kDurationWidth - used : 0), ' ') + duration + "  ";
  const auto begin = offset_in(tree_, span.start);
  const auto length = static_cast<std::uint64_t>(span.duration);
  out_ += paint_.bar(bar_width_, tree_.length, begin, length, is_error(span), hue) + "\n";
  draw_tags(row);
  draw_logs(row);
}

// `key=value` for each; not for the unshown ones unless all are wanted. Cut where no line could hold it.
std::string Drawing::pairs(const std::vector<Tag>& tags, bool all) const {
  std::string text;
  for (const Tag& tag : tags) {
    if (!all && is_unshown(tag)) continue;
    if (!text.empty()) text += "  ";
    const std::string value = printable(format_value(tag.value));
    text += printable(tag.key) + "=" + (value.find(' ') == std::string::npos ? value : '"' + value + '"');
    if (text.size() > 4 * width_) break;
  }
  return text;
}

void Drawing::detail_line(const Row& row, const std::string& text) {
  const std::string line = guides_below(row) + text;
  const std::size_t room = width_ - kMargin.size() - 1;
  out_ += std::string(kMargin) + paint_.dim(shorten(line, room, paint_.symbols().ellipsis)) + "\n";
}

void Drawing::draw_tags(const Row& row) {
  const std::string text = pairs(row.span->tags, false);
  if (!text.empty()) detail_line(row, text);
}

void Drawing::draw_logs(const Row& row) {
  const auto& logs = row.span->logs;
  for (std::size_t i = 0; i < std::min(logs.size(), kMaxLogs); ++i) {
    const auto after = offset_in(tree_, logs[i].timestamp);
    detail_line(row, paint_.symbols().log + " " + paint_.text(format_duration(after)) + "  " + pairs(logs[i].fields, true));
  }
  if (logs.size() > kMaxLogs) {
    detail_line(row, paint_.symbols().log + " " + format_count(logs.size() - kMaxLogs, "more log"));
  }
}

void Drawing::draw_omitted() {
  if (tree_.rows.size() <= kMaxRows) return;
  const std::string rest = format_count(tree_.rows.size() - kMaxRows, "more span");
  out_ += std::string(kMargin) + paint_.dim(paint_.symbols().ellipsis + " " + rest) + "\n";
}

}  // namespace

std::string draw_waterfall(const Trace& trace, const WaterfallStyle& style) { return Drawing(trace, style).draw(); }

}  // namespace jtrace::collector
