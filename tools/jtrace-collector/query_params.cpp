#include "query_params.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>

namespace jtrace::collector {
namespace {

struct GoUnit {
  std::string_view name;
  double microseconds;
};

constexpr std::array<GoUnit, 8> kGoUnits = {{{"ns", 1e-3},
                                             {"us", 1},
                                             {"\xc2\xb5s", 1},
                                             {"\xce\xbcs", 1},
                                             {"ms", 1e3},
                                             {"s", 1e6},
                                             {"m", 6e7},
                                             {"h", 3.6e9}}};

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndDot = "0123456789.";

// Digits, perhaps a dot, and digits.
std::string_view leading_number(std::string_view text) {
  std::size_t end = std::min(text.find_first_not_of(kDigits), text.size());
  if (end < text.size() && text[end] == '.') end = std::min(text.find_first_not_of(kDigits, end + 1), text.size());
  return text.substr(0, end);
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

// Runs `read` and puts the parameter's name before its complaint.
template <typename Read>
auto named(const std::string& name, Read read) {
  try {
    return read();
  } catch (const BadParameter& problem) {
    throw BadParameter{"unable to parse param '" + name + "': " + problem.message};
  }
}

std::int64_t read_integer(const std::string& text) {
  std::int64_t number = 0;
  const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  const char* begin = text.data() + (has_plus ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  const std::string what = "strconv.ParseInt: parsing " + quoted(text) + ": ";
  if (rest != end || error == std::errc::invalid_argument) throw BadParameter{what + "invalid syntax"};
  if (error != std::errc()) throw BadParameter{what + "value out of range"};
  return number;
}

std::size_t read_limit(const std::string& text) {
  if (text.empty()) return Search().limit;
  const std::int64_t limit = read_integer(text);
  if (limit > INT32_MAX || limit < INT32_MIN) {
    throw BadParameter{"strconv.ParseInt: parsing " + quoted(text) + ": value out of range"};
  }
  return limit < 0 ? 0 : static_cast<std::size_t>(limit);
}

void read_simple_tag(const std::string& text, Search& search) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw BadParameter{"malformed 'tag' parameter, expecting key:value, received: " + text};
  }
  search.tags[text.substr(0, colon)] = text.substr(colon + 1);
}

// A JSON object whose values are all texts.
void read_json_tags(const std::string& text, const std::string& name, Search& search) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const std::string what = "malformed '" + name + "' parameter, cannot unmarshal JSON: ";
  if (json.is_discarded()) throw BadParameter{what + "invalid JSON"};
  if (!json.is_object()) throw BadParameter{what + "not an object of strings"};
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) throw BadParameter{what + "the value of " + quoted(key) + " is not a string"};
    search.tags[key] = value.get<std::string>();
  }
}

void check_durations(const Search& search) {
  if (search.duration_min != 0 && search.duration_max != 0 && search.duration_max < search.duration_min) {
    throw BadParameter{"'maxDuration' should be greater than 'minDuration'"};
  }
}

double duration_or_none(const Parameters& parameters, const std::string& name) {
  const std::string text = parameter(parameters, name);
  return text.empty() ? 0 : named(name, [&] { return read_go_duration(text); });
}

std::int64_t time_or(const Parameters& parameters, const std::string& name, std::int64_t otherwise) {
  const std::string text = parameter(parameters, name);
  return text.empty() ? otherwise : named(name, [&] { return read_integer(text); });
}

TraceId trace_id_parameter(const std::string& text) {
  try {
    return read_trace_id(text);
  } catch (const BadParameter& problem) {
    throw BadParameter{"cannot parse traceID param: " + problem.message};
  }
}

// Version 3 knows each name in two spellings; the newer one first.
struct V3Name {
  const char* camel;
  const char* snake;
};

std::string v3_parameter(const Parameters& parameters, const V3Name& name) {
  const std::string value = parameter(parameters, name.camel);
  return value.empty() ? parameter(parameters, name.snake) : value;
}

template <typename Read>
auto v3_named(const V3Name& name, Read read) {
  try {
    return read();
  } catch (const BadParameter& problem) {
    throw BadParameter{std::string("malformed parameter ") + name.camel + ": " + problem.message};
  }
}

std::int64_t v3_time(const Parameters& parameters, const V3Name& name) {
  const std::string text = v3_parameter(parameters, name);
  const auto time = parse_rfc3339(text);
  if (!time) {
    throw BadParameter{std::string("malformed parameter ") + name.camel + ": parsing time " + quoted(text) +
                       ": not RFC 3339"};
  }
  return *time;
}

double v3_duration(const Parameters& parameters, const V3Name& name) {
  const std::string text = v3_parameter(parameters, name);
  return text.empty() ? 0 : v3_named(name, [&] { return read_go_duration(text); });
}

// Reads `digits` decimal digits off `text`; nothing when there are others.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits) return std::nullopt;
  for (char digit : text.substr(0, digits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// `.5` and longer, as microseconds; what is finer is cut off.
std::int64_t take_fraction(std::string_view& text) {
  std::int64_t microseconds = 0;
  std::int64_t unit = 100000;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    microseconds += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return microseconds;
}

// `Z` or `+01:00`, in seconds.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool is_east = !text.empty() && text.front() == '+';
  if (!is_east && (text.empty() || text.front() != '-')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return is_east ? seconds : -seconds;
}

}  // namespace

std::string parameter(const Parameters& parameters, const std::string& name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

Search read_page_search(const Parameters& parameters) {
  Search search;
  search.service = parameter(parameters, "service");
  search.operation = parameter(parameters, "operation");
  search.start_min = time_or(parameters, "start", search.start_min);
  search.start_max = time_or(parameters, "end", search.start_max);
  search.limit = read_limit(parameter(parameters, "limit"));
  search.duration_min = duration_or_none(parameters, "minDuration");
  search.duration_max = duration_or_none(parameters, "maxDuration");
  for (const auto& [name, value] : parameters) {
    if (name == "tag" && !value.empty()) read_simple_tag(value, search);
    if (name == "tags" && !value.empty()) read_json_tags(value, name, search);
    if (name == "traceID") search.trace_ids.push_back(trace_id_parameter(value));
  }
  if (const std::string raw = parameter(parameters, "raw"); !raw.empty()) named("raw", [&] { return read_bool(raw); });
  check_durations(search);
  return search;
}

Search read_ui_search(const Parameters& parameters) {
  Search search = read_page_search(parameters);
  if (search.service.empty() && search.trace_ids.empty()) throw BadParameter{"parameter 'service' is required"};
  return search;
}

Search read_v3_search(const Parameters& parameters) {
  constexpr V3Name kStart{"query.startTimeMin", "query.start_time_min"};
  constexpr V3Name kEnd{"query.startTimeMax", "query.start_time_max"};
  if (v3_parameter(parameters, kStart).empty() || v3_parameter(parameters, kEnd).empty()) {
    throw BadParameter{std::string(kStart.camel) + " and " + kEnd.camel + " are required"};
  }
  Search search;
  search.start_min = v3_time(parameters, kStart);
  search.start_max = v3_time(parameters, kEnd);
  search.service = v3_parameter(parameters, {"query.serviceName", "query.service_name"});
  search.operation = v3_parameter(parameters, {"query.operationName", "query.operation_name"});
  constexpr V3Name kDepth{"query.searchDepth", "query.num_traces"};
  search.limit = v3_named(kDepth, [&] { return read_limit(v3_parameter(parameters, kDepth)); });
  search.duration_min = v3_duration(parameters, {"query.durationMin", "query.duration_min"});
  search.duration_max = v3_duration(parameters, {"query.durationMax", "query.duration_max"});
  const std::string attributes = parameter(parameters, "query.attributes");
  if (!attributes.empty()) read_json_tags(attributes, "query.attributes", search);
  return search;
}

TraceId read_trace_id(const std::string& text) {
  if (text.size() > 32) throw BadParameter{"TraceID cannot be longer than 32 hex characters: " + text};
  const auto id = parse_trace_id(text);
  if (!id) throw BadParameter{"strconv.ParseUint: parsing " + quoted(text) + ": invalid syntax"};
  return *id;
}

double read_go_duration(const std::string& text) {
  const BadParameter invalid{"time: invalid duration " + quoted(text)};
  std::string_view rest = text;
  const bool is_negative = take(rest, '-');
  if (!is_negative) take(rest, '+');
  if (rest == "0") return 0;
  if (rest.empty()) throw invalid;
  double sum = 0;
  while (!rest.empty()) {
    const std::string_view number = leading_number(rest);
    double value = 0;
    const char* end = number.data() + number.size();
    const auto [parsed, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || parsed != end) throw invalid;
    rest.remove_prefix(number.size());
    const std::string_view unit = rest.substr(0, rest.find_first_of(kDigitsAndDot));
    if (unit.empty()) throw BadParameter{"time: missing unit in duration " + quoted(text)};
    rest.remove_prefix(unit.size());
    const auto* known = std::find_if(kGoUnits.begin(), kGoUnits.end(), [&](const GoUnit& u) { return u.name == unit; });
    if (known == kGoUnits.end()) {
      throw BadParameter{"time: unknown unit " + quoted(std::string(unit)) + " in duration " + quoted(text)};
    }
    sum += value * known->microseconds;
  }
  constexpr double kLongest = 9.3e15;  // microseconds in Go's 63 bits of nanoseconds
  if (!(sum < kLongest)) throw invalid;
  return is_negative ? -sum : sum;
}

std::optional<std::int64_t> parse_rfc3339(const std::string& given) {
  std::string_view text = given;
  std::tm parts{};
  const auto field = [&](int& into, std::size_t digits, char after) {
    const auto number = take_digits(text, digits);
    into = number.value_or(0);
    return number && (after == 0 || take(text, after));
  };
  if (!field(parts.tm_year, 4, '-') || !field(parts.tm_mon, 2, '-') || !field(parts.tm_mday, 2, 'T') ||
      !field(parts.tm_hour, 2, ':') || !field(parts.tm_min, 2, ':') || !field(parts.tm_sec, 2, 0)) {
    return std::nullopt;
  }
  if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31 || parts.tm_hour > 23 ||
      parts.tm_min > 59 || parts.tm_sec > 60) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::int64_t fraction = take(text, '.') ? take_fraction(text) : 0;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return (static_cast<std::int64_t>(timegm(&parts)) - *offset) * 1000000 + fraction;
}

bool read_bool(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  throw BadParameter{"strconv.ParseBool: parsing " + quoted(text) + ": invalid syntax"};
}

}  // namespace jtrace::collector
