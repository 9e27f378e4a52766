#include "page.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string_view>

#include "format.h"
#include "html_escape.h"
#include "page_style.h"
#include "text.h"
#include "tree.h"

namespace jtrace::collector {
namespace {

// A browser shows more, but nobody reads it; the JSON has all.
constexpr std::size_t kMaxRows = 2000;
constexpr std::size_t kMaxIndent = 30;
constexpr unsigned kHues = 8;

// Safe for HTML: escaped, and without characters that control anything but lines.
std::string safe(std::string_view text) { return escape_html(printable(text, "\n\t")); }

std::string with_class(const std::string& name, const std::string& html) {
  return "<span class=\"" + name + "\">" + html + "</span>";
}

// The same service has the same colour on every page.
std::string hue_of(const std::string& service) {
  return "--hue:var(--h" + std::to_string(std::hash<std::string>{}(service) % kHues) + ")";
}

std::string service_label(const std::string& service) {
  const std::string name = service.empty() ? "(no service)" : safe(service);
  return "<span class=\"service\" style=\"" + hue_of(service) + "\">" + name + "</span>";
}

std::string operation_label(const Span& span) { return span.operation.empty() ? "(no name)" : safe(span.operation); }

std::string percent(double part, double whole) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f%%", whole > 0 ? std::clamp(part / whole * 100, 0.0, 100.0) : 0.0);
  return text.data();
}

std::string page_around(const std::string& title, const std::string& content) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title +
         "</title><meta name=\"viewport\" content=\"width=device-width\"><style>" + kPageStyle +
         "</style></head>\n<body><header><a href=\"/search\">jtrace</a><span>local collector</span></header>\n<main>\n" +
         content + "</main></body></html>\n";
}

std::string service_choice(const std::vector<std::string>& services, const std::string& chosen) {
  std::string html = "<label>Service<select name=\"service\"><option value=\"\">all</option>";
  for (const std::string& service : services) {
    html += "<option" + std::string(service == chosen ? " selected" : "") + " value=\"" + escape_html(service) + "\">" +
            safe(service) + "</option>";
  }
  return html + "</select></label>";
}

std::string input(const Parameters& parameters, const std::string& name, const std::string& label,
                  const std::string& hint, const std::string& look = "") {
  return "<label>" + label + "<input class=\"" + look + "\" name=\"" + name + "\" placeholder=\"" + hint + "\" value=\"" +
         escape_html(parameter(parameters, name)) + "\"></label>";
}

std::string search_form(const std::vector<std::string>& services, const Parameters& parameters) {
  return "<form action=\"/search\">" + service_choice(services, parameter(parameters, "service")) +
         input(parameters, "operation", "Operation", "any") + input(parameters, "tag", "Tag", "key:value") +
         input(parameters, "minDuration", "At least", "1.5ms", "short") +
         input(parameters, "maxDuration", "At most", "2s", "short") +
         input(parameters, "limit", "Limit", "100", "short") + "<button>Find traces</button></form>\n";
}

std::string summary_of(const Tree& tree) {
  std::string html = with_class("soft", format_count(tree.rows.size(), "span") + " · " + format_time(tree.start));
  if (tree.errors > 0) html += " · " + with_class("error", format_count(tree.errors, "error"));
  return html;
}

std::string found_trace(const Trace& trace, const Tree& tree, std::uint64_t longest) {
  const Span& root = *tree.rows.front().span;
  const std::string id = to_hex(trace.id);
  std::string html = "<a class=\"found\" href=\"/trace/" + id + "\"><span class=\"right\">" +
                     format_duration(tree.length) + "</span><b>" + operation_label(root) + "</b> <code class=\"soft\">" +
                     id + "</code><p>";
  for (const std::string& service : tree.services) html += service_label(service);
  html += summary_of(tree) + "</p>";
  const std::string length = percent(static_cast<double>(tree.length), static_cast<double>(longest));
  return html + "<span class=\"length\" style=\"width:" + length + "\"></span></a>\n";
}

std::string tag_rows(const std::vector<Tag>& tags) {
  std::string html = "<table>";
  for (const Tag& tag : tags) {
    html += "<tr><td>" + safe(tag.key) + "</td><td><code>" + safe(format_value(tag.value)) + "</code></td></tr>";
  }
  return html + "</table>";
}

std::string log_tables(const Tree& tree, const Span& span) {
  std::string html;
  for (const Log& log : span.logs) {
    html += "<h2>Log at " + format_duration(offset_in(tree, log.timestamp)) + "</h2>" + tag_rows(log.fields);
  }
  return html;
}

std::string reference_rows(const Span& span) {
  std::string html = "<table>";
  for (const Reference& reference : span.references) {
    const std::string trace = to_hex(reference.trace_id);
    html += std::string("<tr><td>") + (reference.follows_from ? "follows from" : "child of") + "</td><td><code>" +
            to_hex(reference.span_id) + "</code>";
    if (reference.trace_id != span.trace_id) {
      html += " of trace <a href=\"/trace/" + trace + "\"><code>" + trace + "</code></a>";
    }
    html += "</td></tr>";
  }
  return html + "</table>";
}

// What unfolds below a span's line.
std::string inside_of(const Tree& tree, const Row& row) {
  const Span& span = *row.span;
  std::string html = "<div class=\"inside\" style=\"" + hue_of(span.process->service) + "\">";
  html += "<h2>Span</h2><table><tr><td>id</td><td><code>" + to_hex(span.span_id) + "</code></td></tr><tr><td>starts</td><td>" +
          format_duration(offset_in(tree, span.start)) + " into the trace, " + format_time(span.start) +
          "</td></tr><tr><td>lasts</td><td>" + format_duration(static_cast<std::uint64_t>(span.duration)) + "</td></tr></table>";
  if (!span.tags.empty()) html += "<h2>Tags</h2>" + tag_rows(span.tags);
  html += log_tables(tree, span);
  if (!span.references.empty()) html += "<h2>References</h2>" + reference_rows(span);
  html += "<h2>Process</h2><p>" + service_label(span.process->service) + "</p>";
  if (!span.process->tags.empty()) html += tag_rows(span.process->tags);
  return html + "</div>";
}

std::string name_of(const Row& row) {
  const Span& span = *row.span;
  const std::string depth = std::to_string(std::min(row.depth, kMaxIndent));
  // The line may be too short for its words; the title has them all.
  std::string html = "<div class=\"name\" style=\"--depth:" + depth + "\" title=\"" + operation_label(span) + " · " +
                     safe(span.process->service) + "\">";
  if (row.is_orphan) html += "<span class=\"soft\" title=\"its parent is not here\">⤷ </span>";
  html += operation_label(span);
  if (is_error(span)) html += " " + with_class("error", "✗");
  return html + " " + with_class("soft", safe(span.process->service)) + "</div>";
}

// The bar, and its length in words: to its right where there is room, else to its left, else within.
std::string bar_of(const Tree& tree, const Span& span) {
  const auto whole = static_cast<double>(tree.length);
  const auto begin = static_cast<double>(offset_in(tree, span.start));
  const auto length = static_cast<double>(span.duration);
  const std::string left = percent(begin, whole);
  const std::string width = percent(length, whole);
  const std::string end = percent(begin + length, whole);
  std::string place = "left:" + end;
  if (begin + length > whole * 0.85) place = begin > whole * 0.15 ? "right:" + percent(whole - begin, whole) : "left:" + left + ";color:var(--card)";
  return "<div class=\"time\"><span class=\"bar\" style=\"left:" + left + ";width:" + (whole > 0 ? width : "100%") +
         "\"></span><i style=\"" + place + "\">" + format_duration(static_cast<std::uint64_t>(span.duration)) + "</i></div>";
}

std::string row_of(const Tree& tree, const Row& row) {
  const Span& span = *row.span;
  return "<details" + std::string(is_error(span) ? " class=\"bad\"" : "") + "><summary style=\"" +
         hue_of(span.process->service) + "\">" + name_of(row) + bar_of(tree, span) + "</summary>" + inside_of(tree, row) +
         "</details>\n";
}

std::string axis_of(const Tree& tree) {
  std::string html = "<div class=\"axis\"><div>Span</div><div>";
  for (std::uint64_t quarter = 0; quarter <= 4; ++quarter) {
    const std::uint64_t mark = tree.length / 4 * quarter + tree.length % 4 * quarter / 4;
    html += "<span>" + (quarter == 0 ? "0" : format_duration(mark)) + "</span>";
  }
  return html + "</div></div>\n";
}

}  // namespace

std::string search_page(const std::vector<std::string>& services, const Parameters& parameters,
                        const std::vector<Trace>& traces) {
  std::vector<Tree> trees;
  std::uint64_t longest = 0;
  for (const Trace& trace : traces) {
    trees.push_back(make_tree(trace));
    longest = std::max(longest, trees.back().length);
  }
  std::string html = "<h1>Traces</h1>" + search_form(services, parameters);
  for (std::size_t i = 0; i < traces.size(); ++i) html += found_trace(traces[i], trees[i], longest);
  if (traces.empty() && services.empty()) html += "<p>No spans have arrived yet.</p>";
  if (traces.empty() && !services.empty()) html += "<p>No trace is like that. <a href=\"/search\">Show all</a></p>";
  return page_around("Traces · jtrace", html);
}

std::string trace_page(const Trace& trace) {
  const Tree tree = make_tree(trace);
  const std::string id = to_hex(trace.id);
  const std::string name = operation_label(*tree.rows.front().span);
  std::string html = "<h1>" + name + "</h1><p><code>" + id + "</code> · " + format_duration(tree.length) + " · " +
                     summary_of(tree) + " · <a href=\"/api/traces/" + id + "?prettyPrint=true\">JSON</a></p><p>";
  for (const std::string& service : tree.services) html += service_label(service);
  html += "</p>\n<div class=\"trace\">" + axis_of(tree);
  for (std::size_t i = 0; i < std::min(tree.rows.size(), kMaxRows); ++i) html += row_of(tree, tree.rows[i]);
  html += "</div>\n";
  if (tree.rows.size() > kMaxRows) {
    html += "<p class=\"soft\">… " + format_count(tree.rows.size() - kMaxRows, "more span") + " in the JSON</p>";
  }
  return page_around(name + " · jtrace", html);
}

std::string message_page(const std::string& heading, const std::string& text) {
  return page_around(safe(heading), "<h1>" + safe(heading) + "</h1><p>" + safe(text) +
                                        "</p><p><a href=\"/search\">Latest traces</a></p>");
}

std::vector<std::pair<std::string, std::string>> page_headers() {
  return {{"Content-Security-Policy",
           "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
          {"Referrer-Policy", "no-referrer"},
          {"Cache-Control", "no-store"}};
}

}  // namespace jtrace::collector
