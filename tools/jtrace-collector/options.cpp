#include "options.h"

// Given options are whole: cxxopts would cut them at commas, and a date in --fail has one.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <charconv>
#include <cxxopts.hpp>
#include <exception>
#include <random>
#include <string_view>
#include <vector>

#include "quantity.h"
#include "tee.h"

namespace jtrace::collector {
namespace {

constexpr std::string_view kFooter = R"(
Sends go to http://HOST:PORT/api/traces; the pages start at http://HOST:QUERY-PORT/search. All addresses
are printed on stdout when the collector is ready, one a line, as `collector: URL`, `query: URL` and
`agent: udp://HOST:PORT PROTOCOL`, `otlp: URL`. A port for OTLP or an agent that another program has, and that
was not asked for by its number, is done without.

Faults act on the port for spans only, and only what was answered with 202 is kept. Every request draws for --latency and for
each --fail, in their order; every connection draws for --stall, --reset-after and --drip. How many met what is at
http://HOST:QUERY-PORT/api/faults and in a last line; with the same seed, the n-th request meets the same fault again.

Sizes are numbers with kB, MB, GB, KiB, MiB or GiB, periods are numbers with ms, s or m.
Exit codes: 0 ended by SIGINT, SIGTERM or SIGHUP; 1 a port or a file cannot be used; 2 usage.
)";

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

std::optional<std::uint64_t> parse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc() || rest != end) return std::nullopt;
  return seed;
}

// Short enough to be typed again.
std::uint64_t new_seed() { return std::random_device()(); }

void describe_faults(cxxopts::Options& described) {
  auto add = described.add_options("Fault");
  const auto text = [] { return cxxopts::value<std::string>(); };
  const auto texts = [] { return cxxopts::value<std::vector<std::string>>(); };
  const auto perhaps = [] { return cxxopts::value<std::string>()->implicit_value("1"); };
  add("fail", "Answer with STATUS, 300 to 599, instead; always or with that probability, with a header of yours; may be given again",
      texts(), "STATUS[:PROBABILITY][@HEADER=VALUE]");
  add("latency", "Let every answer wait so long; 50ms..200ms: evenly spread between", text(), "PERIOD");
  add("stall", "Accept connections and never read; --stall=0.1: a tenth of them", perhaps(), "PROBABILITY");
  add("reset-after", "Reset a connection (RST) when more than SIZE of its request came; 10KB:0.1: a tenth of them", text(),
      "SIZE[:PROBABILITY]");
  add("drip", "Send one byte of the answer a second; --drip=0.1: of a tenth of them", perhaps(), "PROBABILITY");
  add("down-for", "Refuse connections for so long from the start; a line says when that is over", text(), "PERIOD");
  add("seed", "Repeat the chances of another run, which printed it", text(), "NUMBER");
}

cxxopts::Options describe() {
  cxxopts::Options described("jtrace-collector",
                             "Takes traces in as Jaeger does, keeps them in memory and shows them: in the terminal, as "
                             "web pages and as Jaeger's JSON.\n");
  const auto text = [](const char* standard) { return cxxopts::value<std::string>()->default_value(standard); };
  auto add = described.add_options();
  add("host", "Address to listen on; 0.0.0.0 or :: opens it to others", text("127.0.0.1"), "ADDRESS");
  add("port", "Port for spans; 0 takes a free one", text("14268"), "PORT");
  add("otlp-port", "Port for OTLP over HTTP; 0 takes a free one, none takes none", text("4318"), "PORT");
  add("agent-compact-port", "UDP port for an agent's Thrift compact; 0 takes a free one, none takes none", text("6831"), "PORT");
  add("agent-binary-port", "The same for Thrift binary", text("6832"), "PORT");
  add("query-port", "Port for pages and JSON; 0 takes a free one", text("16686"), "PORT");
  add("ports-file", "Write all addresses to FILE too, once ready", text(""), "FILE");
  add("o,out", "Keep FILE up to date with all traces, for upload in Jaeger's UI", text(""), "FILE");
  add("q,quiet", "Do not print traces");
  add("quiet-period", "Print a trace when nothing came for it for so long", text("1500ms"), "PERIOD");
  add("max-memory", "Keep at most so much; the oldest traces go first", text("256MiB"), "SIZE");
  add("max-body", "Take at most so much in one request", text("20MiB"), "SIZE");
  add("color", "auto (a terminal without NO_COLOR), always or never", text("auto"), "WHEN");
  add("ascii", "Draw with ASCII characters only");
  add("width", "Columns to draw on; 0: the terminal's, else 100", text("0"), "COLUMNS");
  add("tee", "Pass every accepted batch on to the collector at URL; what it does not take is counted", cxxopts::value<std::string>(),
      "URL");
  add("h,help", "Print this");
  add("version", "Print the version");
  describe_faults(described);
  return described;
}

// Nothing when the option was not given.
template <typename Parse>
auto take_if_given(const cxxopts::ParseResult& given, const std::string& option, Parse parse, const std::string& expected)
    -> decltype(parse(std::string())) {
  if (given.count(option) == 0) return {};
  return take(given, option, parse, expected);
}

FaultOptions convert_faults(const cxxopts::ParseResult& given) {
  FaultOptions faults;
  if (given.count("fail") > 0) {
    for (const std::string& text : given["fail"].as<std::vector<std::string>>()) {
      const auto rule = parse_fail(text);
      if (!rule) reject("fail", text, kFailForm);
      faults.fails.push_back(*rule);
    }
  }
  faults.latency = take_if_given(given, "latency", parse_latency, kLatencyForm).value_or(Latency());
  faults.stall = take_if_given(given, "stall", parse_probability, kProbabilityForm).value_or(0);
  faults.reset = take_if_given(given, "reset-after", parse_reset, kResetForm).value_or(ResetRule());
  faults.drip = take_if_given(given, "drip", parse_probability, kProbabilityForm).value_or(0);
  faults.down_for = take_if_given(given, "down-for", parse_period, "a period, such as 5s").value_or(faults.down_for);
  const auto seed = take_if_given(given, "seed", parse_seed, "a number from 0 to 18446744073709551615");
  faults.seed = seed ? *seed : new_seed();
  return faults;
}

std::optional<Options::Extra> parse_extra(const std::string& text) {
  if (text == "none") return Options::Extra{0, false, true};
  const auto port = parse_port(text);
  return port ? std::optional(Options::Extra{*port, true, true}) : std::nullopt;
}

// Where --port takes a free one, so do these, unless their numbers are given.
Options::Extra take_extra(const cxxopts::ParseResult& given, const std::string& option, int port) {
  Options::Extra extra = take(given, option, parse_extra, "a port (0 to 65535) or none");
  extra.is_given = given.count(option) != 0;
  if (!extra.is_given && port == 0) extra.port = 0;
  return extra;
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
  options.otlp = take_extra(given, "otlp-port", options.port);
  options.agent_compact = take_extra(given, "agent-compact-port", options.port);
  options.agent_binary = take_extra(given, "agent-binary-port", options.port);
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
  options.faults = convert_faults(given);
  options.tee_url = take_if_given(given, "tee", parse_tee_url, "an http or https URL, such as http://HOST:14268").value_or("");
  return options;
}

ParsedOptions mistake(const std::string& what) {
  return {std::nullopt, "jtrace-collector: " + what + "\nTry 'jtrace-collector --help'.\n", 2};
}

}  // namespace

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
