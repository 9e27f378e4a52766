// tools/jtrace-send/options.h: the command line becomes plain values, or ends with a message that names what
// is wrong.
#include "options.h"

#include <doctest/doctest.h>

#include "exit_code.h"

using namespace jtrace_send;
using namespace std::chrono_literals;

namespace {

Options accepted(const std::vector<std::string>& arguments, const char* variable = nullptr) {
  const auto parsed = parse_options(arguments, variable);
  if (const auto* stop = std::get_if<Stop>(&parsed)) FAIL(stop->text);
  return std::get<Options>(parsed);
}

// Refused arguments; an endpoint is there.
std::string refusal(const std::vector<std::string>& arguments) {
  const auto parsed = parse_options(arguments, "h");
  const auto* stop = std::get_if<Stop>(&parsed);
  if (!stop) return "accepted";
  CHECK(stop->exit_code == kUsage);
  return stop->text;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("with nothing but an endpoint one trace is sent") {
  const Options options = accepted({"--endpoint", "http://h:1"});
  CHECK(options.endpoint == "http://h:1");
  CHECK(options.traces == 1);
  CHECK(options.timeout == 10s);
  CHECK(options.error_rate == 0);
  CHECK_FALSE(options.service.has_value());
  CHECK_FALSE(options.is_verifying);
}

TEST_CASE("every option arrives") {
  const Options options = accepted({"-e", "h", "-s", "测试", "-n", "2000000", "-t", "a=1", "--error-rate",
                                    "0.25", "--timeout", "2m", "--ui", "http://u:1", "--verbose"});
  CHECK(options.service == "测试");
  CHECK(options.traces == 2'000'000);
  CHECK(options.tags == Tags{{"a", "1"}});
  CHECK(options.error_rate == 0.25);
  CHECK(options.timeout == 120s);
  CHECK(options.ui->text() == "http://u:1");
  CHECK(options.is_verbose);
}

TEST_CASE("the endpoint comes from the variable unless an option says otherwise") {
  CHECK(accepted({}, "variable").endpoint == "variable");
  CHECK(accepted({"-e", "option"}, "variable").endpoint == "option");
}

TEST_CASE("without an endpoint it says how to give one") {
  for (const char* variable : {static_cast<const char*>(nullptr), ""}) {
    const auto parsed = parse_options({}, variable);
    REQUIRE(std::holds_alternative<Stop>(parsed));
    CHECK(std::get<Stop>(parsed).exit_code == kUsage);
    CHECK(contains(std::get<Stop>(parsed).text, "JAEGER_ENDPOINT"));
  }
}

TEST_CASE("a load has its rate, its duration, its threads and its shape") {
  const Options options = accepted({"-e", "h", "--rate", "0.5", "--duration", "2m", "--threads", "8", "--spans", "20",
                                    "--depth", "5", "--json"});
  CHECK(options.rate == 0.5);
  CHECK(options.duration == 120s);
  CHECK(options.threads == 8);
  CHECK(options.tree->spans == 20);
  CHECK(options.tree->depth == 5);
  CHECK(options.traces == Options::kUnbounded);
  CHECK(options.is_json);
  CHECK(accepted({"-e", "h", "--duration", "1s", "-n", "5"}).traces == 5);
  CHECK_FALSE(accepted({"-e", "h"}).tree.has_value());  // the tutorial's
}

TEST_CASE("what is left open of a tree is three levels, or a span on each level") {
  const auto shape = [](const std::vector<std::string>& arguments) {
    auto all = arguments;
    all.insert(all.end(), {"-e", "h"});
    const Tree tree = *accepted(all).tree;
    return std::pair(tree.spans, tree.depth);
  };
  CHECK(shape({"--spans", "20"}) == std::pair(std::uint64_t{20}, std::uint64_t{3}));
  CHECK(shape({"--spans", "2"}) == std::pair(std::uint64_t{2}, std::uint64_t{2}));
  CHECK(shape({"--depth", "4"}) == std::pair(std::uint64_t{4}, std::uint64_t{4}));
  CHECK(shape({"--spans", "1"}) == std::pair(std::uint64_t{1}, std::uint64_t{1}));
}

TEST_CASE("the way to the collector is kept as it was given, for the library to judge") {
  const Reach reach = accepted({"-e", "h", "--tls-ca", "a", "--tls-cert", "b", "--tls-key", "c", "--tls-server-name", "d",
                                "--tls-skip-verify", "--user", "e", "--password", "f", "--auth-token", "g", "--header",
                                "h=i=j", "--header", "k=", "--proxy", "l", "--compression", "m"})
                          .reach;
  CHECK(reach.tls_ca == "a");
  CHECK(reach.tls_cert == "b");
  CHECK(reach.tls_key == "c");
  CHECK(reach.tls_server_name == "d");
  CHECK(reach.skips_verify);
  CHECK(reach.user == "e");
  CHECK(reach.password == "f");
  CHECK(reach.token == "g");
  CHECK(reach.headers == std::vector<std::pair<std::string, std::string>>{{"h", "i=j"}, {"k", ""}});
  CHECK(reach.proxy == "l");
  CHECK(reach.compression == "m");
  const Options times = accepted({"-e", "h", "--connect-timeout", "1", "--request-timeout", "250ms"});
  CHECK(times.connect_timeout == 1s);
  CHECK(times.request_timeout == 250ms);
}

TEST_CASE("--verify takes its address after a blank, after an equals sign, or guesses it") {
  CHECK(accepted({"-e", "h", "--verify", "http://q:1"}).verify_at->text() == "http://q:1");
  CHECK(accepted({"-e", "h", "--verify=http://q:1"}).verify_at->text() == "http://q:1");
  for (const Options& options : {accepted({"-e", "h", "--verify"}), accepted({"--verify", "-e", "h"})}) {
    CHECK(options.is_verifying);
    CHECK_FALSE(options.verify_at.has_value());
    CHECK(options.endpoint == "h");
  }
}

TEST_CASE("--tags may be repeated, and hold several with commas") {
  CHECK(accepted({"-e", "h", "--tags", "a=1", "--tags", "b=2,c=3"}).tags ==
        Tags{{"a", "1"}, {"b", "2"}, {"c", "3"}});
}

TEST_CASE("a tag's value may hold commas, equals signs and nothing at all") {
  CHECK(parse_tags("list=1,2") == Tags{{"list", "1,2"}});
  CHECK(parse_tags("list=1,2,b=3") == Tags{{"list", "1,2"}, {"b", "3"}});
  CHECK(parse_tags("a=x\\,b=3") == Tags{{"a", "x,b=3"}});
  CHECK(parse_tags("path=C:\\dir") == Tags{{"path", "C:\\dir"}});
  CHECK(parse_tags("query=a=b") == Tags{{"query", "a=b"}});
  CHECK(parse_tags("empty=") == Tags{{"empty", ""}});
  CHECK(parse_tags("a=1,") == Tags{{"a", "1,"}});
}

TEST_CASE("a tag without key or equals sign is refused") {
  CHECK_FALSE(parse_tags("abc").has_value());
  CHECK_FALSE(parse_tags("=1").has_value());
  CHECK_FALSE(parse_tags("").has_value());
  CHECK(contains(refusal({"--tags", "abc"}), "\"abc\" is not key=value"));
}

TEST_CASE("a tag's key may say its type, and then its value has to be of it") {
  CHECK(parse_tags("a:int=5,b:double=0.5,c:bool=true,d:string=x") ==
        Tags{{"a", std::int64_t{5}}, {"b", 0.5}, {"c", true}, {"d", "x"}});
  CHECK(parse_tags("a:b=1") == Tags{{"a:b", "1"}});
  for (const char* wrong : {"a:int=x", "a:int=1.5", "a:int=", "a:int=99999999999999999999", "a:double=x", "a:bool=maybe", ":int=5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_tags(wrong).has_value());
  }
  CHECK(contains(refusal({"--tags", "a:int=x"}), "\"a:int=x\" is not key=value, key:int=5"));
}

TEST_CASE("a time-out is seconds, or a number with its unit") {
  CHECK(parse_timeout("2") == 2000ms);
  CHECK(parse_timeout("0.5") == 500ms);
  CHECK(parse_timeout("250ms") == 250ms);
  CHECK(parse_timeout("1.5s") == 1500ms);
  CHECK(parse_timeout("2m") == 120'000ms);
  for (const char* wrong : {"", "0", "-1", "nan", "inf", "1h", "s", "1 s", "86401"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_timeout(wrong).has_value());
  }
}

TEST_CASE("a wrong value is named with its option and what is allowed") {
  CHECK(contains(refusal({"-n", "0"}), "--traces \"0\" is not a whole number from 1"));
  CHECK(contains(refusal({"-n", "1e6"}), "--traces \"1e6\""));
  CHECK(contains(refusal({"-n", "99999999999999999999"}), "--traces"));
  CHECK(contains(refusal({"--error-rate", "1.5"}), "--error-rate \"1.5\" is not a number from 0 to 1"));
  CHECK(contains(refusal({"--error-rate", "nan"}), "--error-rate"));
  CHECK(contains(refusal({"--timeout", "soon"}), "--timeout \"soon\""));
  CHECK(contains(refusal({"--service", ""}), "--service"));
  CHECK(contains(refusal({"--spans", "0"}), "--spans \"0\" is not a whole number from 1 to 10000"));
  CHECK(contains(refusal({"--spans", "10001"}), "--spans"));
  CHECK(contains(refusal({"--depth", "1001"}), "--depth"));
  CHECK(contains(refusal({"--spans", "3", "--depth", "4"}), "--spans 3 is not enough for --depth 4"));
  CHECK(contains(refusal({"--spans", "3", "--depth", "1"}), "--depth 1"));
  CHECK(contains(refusal({"--rate", "0"}), "--rate \"0\" is not a number of traces per second"));
  CHECK(contains(refusal({"--rate", "nan"}), "--rate"));
  CHECK(contains(refusal({"--threads", "257"}), "--threads"));
  CHECK(contains(refusal({"--duration", "0"}), "--duration"));
  CHECK(contains(refusal({"--connect-timeout", "0"}), "--connect-timeout"));
  CHECK(contains(refusal({"--verify", "--duration", "1s"}), "--duration needs --traces"));
  CHECK(contains(refusal({"--ui", "ftp://h"}), "--ui \"ftp://h\""));
}

TEST_CASE("unknown options, stray arguments and missing values are refused") {
  CHECK(contains(refusal({"--foo"}), "foo"));
  CHECK(contains(refusal({"http://user:secret@h"}), "unexpected argument \"http://***@h\""));
  CHECK(contains(refusal({"-n"}), "argument"));
  CHECK(contains(refusal({"-q", "-v"}), "exclude each other"));
}

TEST_CASE("no message repeats a secret") {
  CHECK_FALSE(contains(refusal({"--verify", "ftp://user:secret@h"}), "secret"));
  CHECK_FALSE(contains(refusal({"--ui", "ftp://user:secret@h"}), "secret"));
  CHECK_FALSE(contains(refusal({"--header", "secret"}), "secret"));
}

TEST_CASE("an agent takes the place of the endpoint in the environment, and excludes one on the command line") {
  const Options options = accepted({"--agent-host", "a", "--agent-port", "6832"}, "h");
  CHECK(options.endpoint.empty());
  REQUIRE(options.agent);
  CHECK(options.agent->host == "a");
  CHECK(options.agent->port == 6832);
  CHECK(accepted({"--protocol", "udp/thrift.binary"}, "h").agent->host == "localhost");
  CHECK_FALSE(accepted({}, "h").agent);
  CHECK(contains(refusal({"-e", "h", "--agent-host", "a"}), "exclude each other"));
  CHECK(contains(refusal({"-e", "h", "--protocol", "udp/thrift.compact"}), "--endpoint is for HTTP"));
  CHECK(contains(refusal({"--agent-port", "0"}), "--agent-port \"0\" is not a port, 1 to 65535."));
}

TEST_CASE("--help names every exit code, and needs no endpoint") {
  const auto parsed = parse_options({"--help"}, nullptr);
  REQUIRE(std::holds_alternative<Stop>(parsed));
  const Stop& stop = std::get<Stop>(parsed);
  CHECK(stop.exit_code == 0);
  for (const char* line : {"\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ", "\n  4  ", "\n  5  "})
    CHECK(contains(stop.text, line));
}
