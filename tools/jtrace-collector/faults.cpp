#include "faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "quantity.h"

namespace jtrace::collector {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";  // RFC 9110, beside letters and digits
// The server writes these itself; twice they would make an answer that nobody can read.
constexpr std::array<std::string_view, 4> kServersOwn = {"content-length", "content-type", "transfer-encoding", "connection"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kTokenMarks.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::optional<int> parse_status(std::string_view text) {
  int status = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, status);
  if (error != std::errc() || rest != end || text.size() != 3 || status < 300 || status > 599) return std::nullopt;
  return status;
}

// Reads `Name=Value` into the rule; false when it is none, or one that would spoil the answer.
bool read_header(std::string_view text, FailRule& rule) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  rule.header_name = text.substr(0, equals);
  rule.header_value = text.substr(equals + 1);
  const bool is_servers_own =
      std::find(kServersOwn.begin(), kServersOwn.end(), lower(rule.header_name)) != kServersOwn.end();
  return is_token(rule.header_name) && !is_servers_own && is_header_value(rule.header_value);
}

// `TEXT:PROBABILITY` split; without a colon the probability is 1.
struct Weighted {
  std::string text;
  double probability = 1;
};

std::optional<Weighted> split_probability(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return Weighted{text, 1};
  const auto probability = parse_probability(text.substr(colon + 1));
  if (!probability) return std::nullopt;
  return Weighted{text.substr(0, colon), *probability};
}

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return std::string(digits.data(), error == std::errc() ? end : digits.data());
}

std::string suffix(double probability, char mark) { return probability < 1 ? mark + number(probability) : ""; }

std::string period(std::chrono::milliseconds value) { return std::to_string(value.count()) + "ms"; }

std::string to_text(const FailRule& rule) {
  const std::string header = rule.header_name.empty() ? "" : "@" + rule.header_name + "=" + rule.header_value;
  return " --fail " + std::to_string(rule.status) + suffix(rule.probability, ':') + header;
}

std::string to_text(const Latency& latency) {
  const std::string range = latency.least == latency.most ? "" : ".." + period(latency.most);
  return " --latency " + period(latency.least) + range;
}

}  // namespace

std::optional<FailRule> parse_fail(const std::string& text) {
  const auto at = text.find('@');
  const auto weighted = split_probability(text.substr(0, at));
  const auto status = weighted ? parse_status(weighted->text) : std::nullopt;
  if (!status) return std::nullopt;
  FailRule rule{*status, weighted->probability, "", ""};
  if (at != std::string::npos && !read_header(std::string_view(text).substr(at + 1), rule)) return std::nullopt;
  return rule;
}

std::optional<Latency> parse_latency(const std::string& text) {
  const auto dots = text.find("..");
  const auto least = parse_period(text.substr(0, dots));
  const auto most = dots == std::string::npos ? least : parse_period(text.substr(dots + 2));
  if (!least || !most || *most < *least) return std::nullopt;
  return Latency{*least, *most};
}

std::optional<ResetRule> parse_reset(const std::string& text) {
  const auto weighted = split_probability(text);
  const auto after = weighted ? parse_size(weighted->text) : std::nullopt;
  if (!after) return std::nullopt;
  return ResetRule{*after, weighted->probability};
}

std::string to_text(const FaultOptions& options) {
  std::string text;
  for (const FailRule& rule : options.fails) text += to_text(rule);
  if (options.latency.most.count() > 0) text += to_text(options.latency);
  if (options.stall > 0) text += " --stall" + suffix(options.stall, '=');
  if (options.reset.probability > 0) {
    text += " --reset-after " + std::to_string(options.reset.after) + suffix(options.reset.probability, ':');
  }
  if (options.drip > 0) text += " --drip" + suffix(options.drip, '=');
  if (options.down_for.count() > 0) text += " --down-for " + period(options.down_for);
  return text.empty() ? text : text.substr(1);
}

}  // namespace jtrace::collector
