#include "options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cxxopts.hpp>
#include <exception>
#include <limits>
#include <string_view>

namespace jtrace::collector {
namespace {

constexpr std::string_view kFooter = R"(
Sends go to http://HOST:PORT/api/traces; the pages start at http://HOST:QUERY-PORT/search. Both addresses
are printed on stdout when the collector is ready, one a line, as `collector: URL` and `query: URL`.

Sizes are numbers with kB, MB, GB, KiB, MiB or GiB, periods are numbers with ms, s or m.
Exit codes: 0 ended by SIGINT, SIGTERM or SIGHUP; 1 a port or a file cannot be used; 2 usage.
)";

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 9> kSizeUnits = {{{"", 1},
                                             {"B", 1},
                                             {"kB", 1e3},
                                             {"MB", 1e6},
                                             {"GB", 1e9},
                                             {"KiB", 1024.0},
                                             {"MiB", 1024.0 * 1024},
                                             {"GiB", 1024.0 * 1024 * 1024},
                                             {"KB", 1e3}}};
constexpr std::array<Unit, 4> kPeriodUnits = {{{"", 1}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}}};

// A number that is not negative, perhaps blanks, and one of the units.
template <std::size_t Count>
std::optional<double> parse_quantity(const std::string& text, const std::array<Unit, Count>& units) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0 || std::signbit(number)) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& known) { return known.name == unit; });
  if (found == units.end()) return std::nullopt;
  return number * found->factor;
}

// What is wrong with an option, with the value that is and those that would be right.
struct Mistake {
  std::string text;
};

[[noreturn]] void reject(const std::string& option, const std::string& value, const std::string& expected) {
  throw Mistake{"--" + option + ": '" + value + "' is not " + expected};
}

template <typename Parse>
auto take(const cxxopts::ParseResult& given, const std::string& option, Parse parse, const std::string& expected) {
  const std::string value = given[option].as<std::string>();
  const auto parsed = parse(value);
  if (!parsed) reject(option, value, expected);
  return *parsed;
}

std::optional<Colour> parse_colour(const std::string& text) {
  if (text == "auto") return Colour::kAuto;
  if (text == "always") return Colour::kAlways;
  if (text == "never") return Colour::kNever;
  return std::nullopt;
}

std::optional<std::size_t> parse_width(const std::string& text) {
  std::size_t width = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, width);
  if (error != std::errc() || rest != end || (width != 0 && (width < 60 || width > 1000))) return std::nullopt;
  return width;
}

cxxopts::Options describe() {
  cxxopts::Options described("jtrace-collector",
                             "Takes traces in as Jaeger does, keeps them in memory and shows them: in the terminal, as "
                             "web pages and as Jaeger's JSON.\n");
  const auto text = [](const char* standard) { return cxxopts::value<std::string>()->default_value(standard); };
  auto add = described.add_options();
  add("host", "Address to listen on; 0.0.0.0 or :: opens it to others", text("127.0.0.1"), "ADDRESS");
  add("port", "Port for spans; 0 takes a free one", text("14268"), "PORT");
  add("query-port", "Port for pages and JSON; 0 takes a free one", text("16686"), "PORT");
  add("ports-file", "Write both addresses to FILE too, once ready", text(""), "FILE");
  add("o,out", "Keep FILE up to date with all traces, for upload in Jaeger's UI", text(""), "FILE");
  add("q,quiet", "Do not print traces");
  add("quiet-period", "Print a trace when nothing came for it for so long", text("1500ms"), "PERIOD");
  add("max-memory", "Keep at most so much; the oldest traces go first", text("256MiB"), "SIZE");
  add("max-body", "Take at most so much in one request", text("20MiB"), "SIZE");
  add("color", "auto (a terminal without NO_COLOR), always or never", text("auto"), "WHEN");
  add("ascii", "Draw with ASCII characters only");
  add("width", "Columns to draw on; 0: the terminal's, else 100", text("0"), "COLUMNS");
  add("h,help", "Print this");
  add("version", "Print the version");
  return described;
}

Options convert(const cxxopts::ParseResult& given) {
  Options options;
  options.host = given["host"].as<std::string>();
  if (options.host.empty()) reject("host", "", "an address, such as 127.0.0.1");
  options.port = take(given, "port", parse_port, "a port (0 to 65535)");
  options.query_port = take(given, "query-port", parse_port, "a port (0 to 65535)");
  if (options.port == options.query_port && options.port != 0) {
    reject("query-port", std::to_string(options.query_port), "another port than --port");
  }
  options.ports_file = given["ports-file"].as<std::string>();
  options.out_file = given["out"].as<std::string>();
  options.quiet = given.count("quiet") > 0;
  options.quiet_period = take(given, "quiet-period", parse_period, "a period, such as 1500ms or 2s");
  options.max_memory = take(given, "max-memory", parse_size, "a size, such as 256MiB or 1GB");
  options.max_body = take(given, "max-body", parse_size, "a size, such as 20MiB");
  // Thrift measures in signed 32 bits.
  if (options.max_body > std::size_t{1} << 30) reject("max-body", given["max-body"].as<std::string>(), "at most 1GiB");
  options.colour = take(given, "color", parse_colour, "auto, always or never");
  options.ascii = given.count("ascii") > 0;
  options.width = take(given, "width", parse_width, "0 or a number from 60 to 1000");
  return options;
}

ParsedOptions mistake(const std::string& what) {
  return {std::nullopt, "jtrace-collector: " + what + "\nTry 'jtrace-collector --help'.\n", 2};
}

}  // namespace

std::optional<std::size_t> parse_size(const std::string& text) {
  const auto bytes = parse_quantity(text, kSizeUnits);
  constexpr double kLimit = 9e18;
  if (!bytes || *bytes < 1 || *bytes > kLimit) return std::nullopt;
  return static_cast<std::size_t>(*bytes);
}

std::optional<std::chrono::milliseconds> parse_period(const std::string& text) {
  const auto milliseconds = parse_quantity(text, kPeriodUnits);
  constexpr double kDay = 24 * 3600 * 1e3;
  if (!milliseconds || *milliseconds > kDay) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::optional<int> parse_port(const std::string& text) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end || port < 0 || port > 65535) return std::nullopt;
  return port;
}

ParsedOptions parse_options(int argc, const char* const* argv) {
  cxxopts::Options described = describe();
  try {
    const cxxopts::ParseResult given = described.parse(argc, argv);
    if (given.count("help") > 0) return {std::nullopt, described.help() + std::string(kFooter), 0};
    if (given.count("version") > 0) return {std::nullopt, "jtrace-collector " JTRACE_VERSION "\n", 0};
    if (!given.unmatched().empty()) return mistake("unexpected argument '" + given.unmatched().front() + "'");
    return {convert(given), "", 0};
  } catch (const Mistake& found) {
    return mistake(found.text);
  } catch (const std::exception& problem) {  // cxxopts names its exceptions differently from version to version
    return mistake(problem.what());
  }
}

}  // namespace jtrace::collector
