#include "options.h"

// Each --tags stays whole for parse_tags(): cxxopts would also cut inside of values.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cxxopts.hpp>

#include "exit_code.h"
#include "jtrace/version.h"
#include "text.h"

namespace jtrace_send {
namespace {

constexpr const char* kAboutText = R"(
One trace has six spans on three levels:
  spider
    download
    parser
    insert
      make_sql
      to_db
The first ten ids are printed with their links into the UI, --verbose prints all of them. An --error-rate of 0.2 lets
every fifth trace fail in to_db. --tags puts its tags on each span, as texts, or as what the key says: `key:int=5`,
`key:double=0.5`, `key:bool=true`. `--tags a=1,b=2` are two of them, in `--tags list=1,2` the value has a comma, and `\,` is
always one. With --spans or --depth a trace is a tree instead: a chain from the root ("level 1") down to the last level, the
other spans below its members in turn. While it sends it asks for a flush every 100 ms, and its totals tell how long these
took: until the collector had answered for all spans that were finished before. --timeout is how long to wait while nothing moves:
for the answer to one request, for the next batch to be delivered, for the next trace to become visible.

Exit codes:
  0  all traces were delivered, and seen by the query API if --verify was given
  1  spans were lost inside this program
  2  usage: a wrong option, or neither an endpoint nor an agent
  3  not reachable: closed port, unknown host, TLS failure, no answer in time, no HTTP
  4  refused: an HTTP answer, but not that of a collector that takes the spans
  5  not visible: delivered, but the query API did not show every trace whole within --timeout

Examples:
  jtrace-send --endpoint http://localhost:14268/api/traces
  jtrace-send --agent-host localhost --verify http://localhost:16686
  jtrace-send -e jaeger.example -n 1000 --error-rate 0.05 --verify
  jtrace-send -e jaeger.example --duration 1m --rate 500 --threads 4 --spans 20 --depth 5 --json
  JAEGER_ENDPOINT=https://user:password@collector.example/api/traces jtrace-send --ui https://jaeger.example
)";

cxxopts::Options declare_options() {
  cxxopts::Options options("jtrace-send",
                           "Sends test traces to a Jaeger collector and says what became of them.\n");
  options.custom_help("[OPTION...]").set_width(110);
  auto add = options.add_options();
  const auto text = [] { return cxxopts::value<std::string>(); };
  add("e,endpoint", "the collector (default: $JAEGER_ENDPOINT)", text(), "URL");
  add("agent-host", "a Jaeger agent instead, by UDP (default: $JAEGER_AGENT_HOST, where there is no endpoint)", text(), "HOST");
  add("agent-port", "its port (default: $JAEGER_AGENT_PORT, else 6831, or 6832 for udp/thrift.binary)", text(), "PORT");
  add("protocol", "http/thrift.binary, udp/thrift.compact, udp/thrift.binary, http/protobuf or http/json, these two by OTLP "
      "(default: $JTRACE_PROTOCOL, else as endpoint or agent say)", text(), "NAME");
  add("s,service", "the service's name (default: $JAEGER_SERVICE_NAME, else jtrace-send)", text(), "NAME");
  add("n,traces", "how many traces (default: 1; with --duration: as many as it allows)", text(), "N");
  add("spans", "spans per trace, in a tree, instead of the trace below (default: one on each level)", text(), "N");
  add("depth", "levels of that tree (default: 3, or as many as there are spans)", text(), "N");
  add("rate", "traces per second, of all threads (default: as fast as the collector takes them)", text(), "RATE");
  add("duration", "how long to send (default: until all traces are sent)", text(), "TIME");
  add("threads", "how many threads emit (default: 1)", text(), "N");
  add("t,tags", "tags for every span; repeatable", cxxopts::value<std::vector<std::string>>(), "K=V");
  add("error-rate", "share of the traces that fail, 0 to 1 (default: 0)", text(), "RATE");
  add("timeout", "seconds, or with a unit: 500ms, 10s, 2m (default: 10s)", text(), "TIME");
  add("verify", "ask the query API until all traces are there, whole (default: where the UI is)",
      text()->implicit_value(""), "URL");
  add("ui", "where the links lead (default: that of --verify, else port 16686 of the collector's host)",
      text(), "URL");
  add("tls-ca", "PEM file of the authorities to trust (default: $JAEGER_TLS_CA, else the system's)", text(), "FILE");
  add("tls-cert", "PEM file of the client's certificate (default: $JAEGER_TLS_CERT)", text(), "FILE");
  add("tls-key", "PEM file of its key (default: $JAEGER_TLS_KEY, else in --tls-cert)", text(), "FILE");
  add("tls-server-name", "whom the certificate must name (default: $JAEGER_TLS_SERVER_NAME, else the host)", text(), "HOST");
  add("tls-skip-verify", "believe every certificate ($JAEGER_TLS_SKIP_VERIFY)");
  add("user", "basic authentication (default: $JAEGER_USER)", text(), "NAME");
  add("password", "others see it in the list of processes: better in $JAEGER_PASSWORD", text(), "TEXT");
  add("auth-token", "bearer authentication; better in $JAEGER_AUTH_TOKEN", text(), "TOKEN");
  add("header", "a header for every POST; repeatable ($JTRACE_HEADERS)", cxxopts::value<std::vector<std::string>>(), "N=V");
  add("proxy", "through which proxy, or none (default: $JTRACE_PROXY, else as http_proxy … say)", text(), "URL");
  add("compression", "none or gzip, which Jaeger v1 cannot read (default: $JTRACE_COMPRESSION, else none)", text(), "NAME");
  add("connect-timeout", "for a connection, TLS included (default: that of --timeout)", text(), "TIME");
  add("request-timeout", "for one POST (default: that of --timeout)", text(), "TIME");
  add("v,verbose", "print every trace id, and let the library speak");
  add("q,quiet", "print errors only");
  add("json", "print one JSON object with the totals, and nothing else, on stdout");
  add("explain-config", "print what a service started here would be configured with, and who said it; send nothing");
  add("version", "print the version");
  add("h,help", "print this");
  return options;
}

// cxxopts takes an optional value only after '='; people write a blank.
std::vector<std::string> join_verify(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  for (const std::string& argument : arguments) {
    const bool is_value = !joined.empty() && joined.back() == "--verify" && !argument.starts_with('-');
    if (is_value) {
      joined.back() += "=" + argument;
    } else {
      joined.push_back(argument);
    }
  }
  return joined;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// cxxopts writes an optional value as "[=URL(=)]"; this keeps the columns.
std::string help_of(const cxxopts::Options& options) {
  constexpr std::string_view kTheirs = "[=URL(=)]";
  constexpr std::string_view kOurs = "[URL]    ";
  std::string help = options.help();
  if (const std::size_t at = help.find(kTheirs); at != std::string::npos)
    help.replace(at, kTheirs.size(), kOurs);
  return help + kAboutText;
}

bool set_service(Options& options, const std::string& text) {
  options.service = text;
  return !text.empty();
}
bool set_traces(Options& options, const std::string& text) {
  return parse_number(text, options.traces) && options.traces >= 1;
}
template <class Number>
bool parse_within(std::string_view text, Number& number, Number least, Number most) {
  return parse_number(text, number) && number >= least && number <= most;
}
bool set_spans(Options& options, const std::string& text) {
  if (!options.tree) options.tree.emplace();
  return parse_within(text, options.tree->spans, std::uint64_t{1}, Tree::kMostSpans);
}
bool set_depth(Options& options, const std::string& text) {
  if (!options.tree) options.tree.emplace();
  return parse_within(text, options.tree->depth, std::uint64_t{1}, Tree::kMostDepth);
}
bool set_rate(Options& options, const std::string& text) {
  return parse_within(text, options.rate, 1e-6, 1e9);
}
bool set_duration(Options& options, const std::string& text) {
  return (options.duration = parse_timeout(text)).has_value();
}
bool set_threads(Options& options, const std::string& text) {
  return parse_within(text, options.threads, 1U, 256U);
}
bool set_error_rate(Options& options, const std::string& text) {
  return parse_number(text, options.error_rate) && options.error_rate >= 0 && options.error_rate <= 1;
}
bool set_timeout(Options& options, const std::string& text) {
  const auto timeout = parse_timeout(text);
  if (timeout) options.timeout = *timeout;
  return timeout.has_value();
}
bool set_ui(Options& options, const std::string& text) {
  options.ui = query_url(text);
  return options.ui.has_value();
}
bool set_verify(Options& options, const std::string& text) {
  options.is_verifying = true;
  if (text.empty()) return true;
  options.verify_at = query_url(text);
  return options.verify_at.has_value();
}

bool set_agent_host(Options& options, const std::string& text) {
  if (!options.agent) options.agent.emplace();
  options.agent->host = text;
  return !text.empty();
}
bool set_agent_port(Options& options, const std::string& text) {
  if (!options.agent) options.agent.emplace();
  return parse_within(text, options.agent->port.emplace(), 1, 65535);
}
bool set_protocol(Options& options, const std::string& text) {
  options.protocol = text;
  return !text.empty();
}
bool set_connect_timeout(Options& options, const std::string& text) {
  return (options.connect_timeout = parse_timeout(text)).has_value();
}
bool set_request_timeout(Options& options, const std::string& text) {
  return (options.request_timeout = parse_timeout(text)).has_value();
}
// The library judges these.
template <std::optional<std::string> Reach::* Member>
bool set_reach(Options& options, const std::string& text) {
  options.reach.*Member = text;
  return true;
}

// The options with one value: who parses it, and what is allowed.
struct ValueOption {
  const char* name;
  bool (*set)(Options&, const std::string&);
  const char* allowed;
};
constexpr const char* kTimeAllowed = "seconds or a number with ms, s or m, from 1ms to 24 hours";
constexpr ValueOption kValueOptions[] = {
    {"agent-host", set_agent_host, "a host"},
    {"agent-port", set_agent_port, "a port, 1 to 65535"},
    {"protocol", set_protocol, "a protocol"},
    {"service", set_service, "a name"},
    {"traces", set_traces, "a whole number from 1"},
    {"spans", set_spans, "a whole number from 1 to 10000"},
    {"depth", set_depth, "a whole number from 1 to 1000"},
    {"rate", set_rate, "a number of traces per second, from 0.000001 to 1000000000"},
    {"duration", set_duration, kTimeAllowed},
    {"threads", set_threads, "a whole number from 1 to 256"},
    {"error-rate", set_error_rate, "a number from 0 to 1"},
    {"timeout", set_timeout, kTimeAllowed},
    {"ui", set_ui, "an address such as http://jaeger:16686"},
    {"verify", set_verify, "an address such as http://jaeger:16686"},
    {"connect-timeout", set_connect_timeout, kTimeAllowed},
    {"request-timeout", set_request_timeout, kTimeAllowed},
    {"tls-ca", set_reach<&Reach::tls_ca>, ""},
    {"tls-cert", set_reach<&Reach::tls_cert>, ""},
    {"tls-key", set_reach<&Reach::tls_key>, ""},
    {"tls-server-name", set_reach<&Reach::tls_server_name>, ""},
    {"user", set_reach<&Reach::user>, ""},
    {"password", set_reach<&Reach::password>, ""},
    {"auth-token", set_reach<&Reach::token>, ""},
    {"proxy", set_reach<&Reach::proxy>, ""},
    {"compression", set_reach<&Reach::compression>, ""},
};

Stop usage(const std::string& problem) {
  return {kUsage, "jtrace-send: " + problem + "\nTry jtrace-send --help."};
}

std::optional<Stop> read_values(const cxxopts::ParseResult& parsed, Options& options) {
  for (const ValueOption& option : kValueOptions) {
    if (parsed.count(option.name) == 0) continue;
    const auto& text = parsed[option.name].as<std::string>();
    if (option.set(options, text)) continue;
    return usage("--" + std::string(option.name) + " \"" + masked(text) + "\" is not " + option.allowed +
                 ".");
  }
  return std::nullopt;
}

// What was left open, and what does not go together.
std::optional<Stop> complete(const cxxopts::ParseResult& parsed, Options& options) {
  if (options.duration && parsed.count("traces") == 0) options.traces = Options::kUnbounded;
  if (options.is_verifying && options.traces == Options::kUnbounded)
    return usage("--verify keeps all ids in mind: --duration needs --traces beside it.");
  if (!options.tree) return std::nullopt;
  Tree& tree = *options.tree;
  if (tree.depth == 0) tree.depth = std::min<std::uint64_t>(tree.spans, 3);
  if (tree.spans == 0) tree.spans = tree.depth;
  if (tree.spans < tree.depth)
    return usage("--spans " + std::to_string(tree.spans) + " is not enough for --depth " + std::to_string(tree.depth) + ".");
  if (tree.depth == 1 && tree.spans > 1) return usage("--depth 1 is a root alone: --spans allows no more than 1.");
  return std::nullopt;
}

std::optional<Stop> read_tags(const cxxopts::ParseResult& parsed, Options& options) {
  if (parsed.count("tags") == 0) return std::nullopt;
  for (const std::string& text : parsed["tags"].as<std::vector<std::string>>()) {
    auto tags = parse_tags(text);
    if (!tags)
      return usage("--tags \"" + one_line(text) + "\" is not key=value, key:int=5, key:double=0.5 or key:bool=true, or a list of these with commas.");
    options.tags.insert(options.tags.end(), tags->begin(), tags->end());
  }
  return std::nullopt;
}

std::optional<Stop> read_headers(const cxxopts::ParseResult& parsed, Options& options) {
  if (parsed.count("header") == 0) return std::nullopt;
  for (const std::string& text : parsed["header"].as<std::vector<std::string>>()) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) return usage("--header: allowed is NAME=VALUE.");  // it may be a secret
    options.reach.headers.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return std::nullopt;
}

bool is_udp(const Options& options) { return options.protocol && options.protocol->starts_with("udp/"); }

// What was not given as an option, as the library reads it too.
void read_agent(const Variables& variables, Options& options) {
  const auto is_set = [](const char* text) { return text && *text; };
  const bool has_agent = is_set(variables.agent_host) || is_set(variables.agent_port) || is_udp(options);
  if (options.agent || !has_agent) return;
  options.agent.emplace();
  if (is_set(variables.agent_host)) options.agent->host = variables.agent_host;
  int port = 0;
  if (is_set(variables.agent_port) && parse_within(variables.agent_port, port, 1, 65535)) options.agent->port = port;
}

// The agent where it was named, else an endpoint, else the environment's agent.
std::optional<Stop> read_endpoint(const cxxopts::ParseResult& parsed, const Variables& variables, Options& options) {
  if (parsed.count("endpoint") != 0) {
    if (options.agent) return usage("--endpoint and --agent-host or --agent-port exclude each other.");
    if (is_udp(options)) return usage("--endpoint is for HTTP, and --protocol " + *options.protocol + " for an agent.");
    options.endpoint = parsed["endpoint"].as<std::string>();
  } else if (variables.endpoint && !options.agent && !is_udp(options) && !options.is_explaining) {
    options.endpoint = variables.endpoint;
  }
  if (options.endpoint.empty() && !options.is_explaining) read_agent(variables, options);
  if (!options.endpoint.empty() || options.agent || options.is_explaining) return std::nullopt;
  return usage(
      "no endpoint. Say where the collector is, with --endpoint http://HOST:14268/api/traces "
      "or in the variable JAEGER_ENDPOINT; or where an agent is, with --agent-host HOST.");
}

std::variant<Options, Stop> read(const cxxopts::ParseResult& parsed, const Variables& variables) {
  Options options;
  options.is_quiet = parsed["quiet"].as<bool>();
  options.is_verbose = parsed["verbose"].as<bool>();
  options.reach.skips_verify = parsed["tls-skip-verify"].as<bool>();
  options.is_json = parsed["json"].as<bool>();
  options.is_explaining = parsed["explain-config"].as<bool>();
  if (options.is_quiet && options.is_verbose) return usage("--quiet and --verbose exclude each other.");
  if (!parsed.unmatched().empty())
    return usage("unexpected argument \"" + masked(parsed.unmatched().front()) + "\".");
  if (auto stop = read_values(parsed, options)) return *stop;
  if (auto stop = complete(parsed, options)) return *stop;
  if (auto stop = read_tags(parsed, options)) return *stop;
  if (auto stop = read_headers(parsed, options)) return *stop;
  if (auto stop = read_endpoint(parsed, variables, options)) return *stop;
  return options;
}

}  // namespace

Variables Variables::of_environment() {
  Variables all(std::getenv("JAEGER_ENDPOINT"));
  all.agent_host = std::getenv("JAEGER_AGENT_HOST");
  all.agent_port = std::getenv("JAEGER_AGENT_PORT");
  return all;
}

std::variant<Options, Stop> parse_options(const std::vector<std::string>& arguments, const Variables& variables) {
  const std::vector<std::string> joined = join_verify(arguments);
  std::vector<const char*> argv{"jtrace-send"};
  for (const std::string& argument : joined) argv.push_back(argument.c_str());

  cxxopts::Options declared = declare_options();
  try {
    const auto parsed = declared.parse(static_cast<int>(argv.size()), argv.data());
    if (parsed["help"].as<bool>()) return Stop{kDelivered, help_of(declared)};
    if (parsed["version"].as<bool>())
      return Stop{kDelivered, std::string("jtrace-send ") + jtrace::version() + "\n"};
    return read(parsed, variables);
  } catch (const cxxopts::exceptions::exception& error) {
    return usage(one_line(error.what()) + ".");
  }
}

std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc()) return std::nullopt;
  const double factor = unit == "ms" ? 1 : unit == "s" || unit.empty() ? 1e3 : unit == "m" ? 6e4 : 0;
  const double milliseconds = number * factor;
  if (!(milliseconds >= 1 && milliseconds <= 86'400e3)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

}  // namespace jtrace_send
