// Configuration: the endpoint's grammar, every key from code and from the environment, which of them wins,
// and errors that name key, value and what is allowed. What was understood is seen at a real server and in
// the start-up line.
#include <doctest/doctest.h>

#include <errno.h>  // program_invocation_short_name

#include <chrono>
#include <thread>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/comma_locale.h"
#include "support/environment.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using support::Environment;
using support::HttpServer;
using support::LogCapture;
using support::SentBatch;
using support::SentSpan;
using support::SentTag;
using namespace std::chrono_literals;

// Patient, since a sanitizer on a busy machine is slow; nothing waits so long when all is well.
constexpr auto kSoon = 30s;

// The one batch that a tracer with this configuration sends for one span.
SentBatch send_one(const jtrace::Config& config, const HttpServer& server) {
  auto made = jtrace::make_tracer(config);
  if (!made) throw std::runtime_error(made.error().message());
  made->start_span("it").finish();
  CHECK(made->flush(kSoon));
  CHECK(made->close(kSoon));
  const auto requests = server.requests();
  if (requests.empty()) throw std::runtime_error("nothing was sent");
  return support::decode_batch(requests.back().body);
}

std::string process_tag(const SentBatch& batch, std::string_view key) {
  const SentTag* tag = batch.process_tag(key);
  return tag && tag->type == SentTag::Type::text ? tag->text : "(none)";
}

// The error of a configuration that must not be accepted.
jtrace::Error refused(const jtrace::Config& config) {
  auto made = jtrace::make_tracer(config);
  CHECK_FALSE(made.has_value());
  CHECK_FALSE(static_cast<bool>(made));
  CHECK_FALSE((*made).enabled());
  CHECK_FALSE((*made).start_span("nothing"));
  return made.error();
}

bool names(const jtrace::Error& error, std::string_view key, std::string_view value) {
  const std::string& message = error.message();
  INFO(message);
  const bool all = message.find(key) != std::string::npos && message.find(value) != std::string::npos &&
                   message.size() > key.size() + value.size() + 10;  // and what is allowed
  CHECK(all);
  return all;
}

// What the environment may not say.
void refuses(const char* variable, const char* value) {
  CAPTURE(std::string(variable));
  CAPTURE(std::string(value));
  const Environment endpoint("JAEGER_ENDPOINT", "http://127.0.0.1:1/api/traces");
  const Environment set(variable, value);
  const jtrace::Error error = refused({});
  names(error, variable, value);
}
void accepts(const char* variable, const char* value) {
  CAPTURE(std::string(variable));
  CAPTURE(std::string(value));
  const Environment set(variable, value);
  auto made = jtrace::make_tracer({.endpoint = "http://127.0.0.1:1/api/traces"});
  INFO(made.error().message());
  CHECK(made.has_value());
  made->close(0s);
}

// The start-up line of a tracer with this configuration.
std::string start_up_line(const jtrace::Config& config) {
  const LogCapture log(jtrace::LogLevel::info);
  auto made = jtrace::make_tracer(config);
  if (!made) return "refused: " + made.error().message();
  if (log.lines().empty()) made->start_span("wake").finish();
  log.wait_for("", 5s);
  made->close(0s);
  return log.text();
}

}  // namespace

TEST_CASE("an endpoint is understood with and without scheme, port and path") {
  const struct {
    const char *given, *means;
  } cases[] = {
      {"http://h:14268/api/traces", "http://h:14268/api/traces"},
      {"https://h/x?y=1", "https://h/x?…"},  // a query may hold a token
      {"http://h:4444", "http://h:4444/api/traces"},
      {"http://h:4444/", "http://h:4444/api/traces"},
      {"https://h", "https://h/api/traces"},
      {"https://h:8443", "https://h:8443/api/traces"},
      {"http://h", "http://h/api/traces"},
      {"h", "http://h:14268/api/traces"},
      {"h:4444", "http://h:4444/api/traces"},
      {"jaeger.example.org", "http://jaeger.example.org:14268/api/traces"},
      {"192.0.2.7", "http://192.0.2.7:14268/api/traces"},
      {"192.0.2.7:80", "http://192.0.2.7:80/api/traces"},
      {"[::1]", "http://[::1]:14268/api/traces"},
      {"[::1]:4444", "http://[::1]:4444/api/traces"},
      {"http://[::1]:4444", "http://[::1]:4444/api/traces"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.given));
    const std::string line = start_up_line({.endpoint = wanted.given});
    INFO(line);
    const auto at = line.find(wanted.means);
    REQUIRE(at != std::string::npos);
    // And nothing more behind it.
    const char next = line[at + std::string_view(wanted.means).size()];
    CHECK(std::string_view(" \n,;\"'").find(next) != std::string_view::npos);
  }
}

TEST_CASE("an endpoint that cannot be is refused, by name and value") {
  for (const char* given :
       {"ftp://h", "http://", "https://", "   ", "h h", "http://h h/api", "http://h:70000", "h:70000",
        "http://h:0x50", "http://h:port", "h:-1", "http://:4444", "://h", "[::1", "http://[::1/x",
        "http://h\n/api/traces", "unix:tmp/x"}) {
    CAPTURE(std::string(given));
    const jtrace::Error error = refused({.endpoint = given});
    CHECK(error.key() == "endpoint");
    CHECK(error.value() == std::string(given));
    names(error, "endpoint", "http");
  }
  for (const char* given : {"ftp://h", "http://", "   ", "http://h:70000"}) refuses("JAEGER_ENDPOINT", given);
}

TEST_CASE("a server is reached by every way of writing its address") {
  const struct {
    std::string before, after, target;
  } cases[] = {
      {"http://", "/api/traces", "/api/traces"}, {"http://", "", "/api/traces"},
      {"http://", "/", "/api/traces"},           {"", "", "/api/traces"},
      {"http://", "/x?y=1", "/x?y=1"},           {"http://", "/a/longer/path", "/a/longer/path"},
  };
  std::vector<HttpServer::Family> families{HttpServer::Family::ipv4};
  if (HttpServer::has_ipv6()) families.push_back(HttpServer::Family::ipv6);
  for (const auto family : families) {
    for (const auto& wanted : cases) {
      const HttpServer server({}, family);
      const std::string endpoint = wanted.before + server.host_and_port() + wanted.after;
      CAPTURE(endpoint);
      CHECK(send_one({.endpoint = endpoint}, server).spans.size() == 1);
      CHECK(server.requests().at(0).method == "POST");
      CHECK(server.requests().at(0).target == wanted.target);
      CHECK(server.requests().at(0).header("Host") == server.host_and_port());
    }
  }
}

TEST_CASE("user and password of an endpoint become basic auth, and are masked wherever they are shown") {
  const LogCapture log(jtrace::LogLevel::debug);
  const HttpServer server;
  send_one({.endpoint = "http://user:secret@" + server.host_and_port() + "/api/traces"}, server);
  CHECK(server.requests().at(0).header("Authorization") == "Basic dXNlcjpzZWNyZXQ=");
  send_one({.endpoint = "http://user:p%40s%3As@" + server.host_and_port()}, server);
  CHECK(server.requests().at(1).header("Authorization") == "Basic dXNlcjpwQHM6cw==");
  CHECK(server.requests().at(1).target == "/api/traces");
  INFO(log.text());
  CHECK(log.text().find("secret") == std::string::npos);
  CHECK(log.text().find("p%40s") == std::string::npos);

  const jtrace::Error error = refused({.endpoint = "ftp://user:secret@h"});
  CHECK(error.message().find("secret") == std::string::npos);
  CHECK(error.value().find("secret") == std::string::npos);
  const jtrace::Error port = refused({.endpoint = "http://user:secret@h:70000"});
  CHECK(port.message().find("secret") == std::string::npos);
  CHECK(port.value().find("secret") == std::string::npos);
}

TEST_CASE("a password stays out of the lines about a failure") {
  const LogCapture log(jtrace::LogLevel::debug);
  std::string endpoint = support::refusing_endpoint();
  endpoint.insert(7, "user:secret@");
  auto made = jtrace::make_tracer({.endpoint = endpoint, .max_retry_time = 0s});
  REQUIRE(made);
  made->start_span("x").finish();
  CHECK(made->flush(kSoon));
  CHECK(log.wait_for("127.0.0.1", kSoon));
  CHECK(made->close(kSoon));
  CHECK(log.count(jtrace::LogLevel::warn) == 1);
  CHECK(log.text().find("secret") == std::string::npos);
}

TEST_CASE("without an endpoint a tracer is off, and that is no error") {
  auto made = jtrace::make_tracer({.service_name = "orders"});
  REQUIRE(made.has_value());
  CHECK_FALSE(made->enabled());
  CHECK_FALSE(made->start_span("x"));
  const Environment empty("JAEGER_ENDPOINT", "");
  auto same = jtrace::make_tracer({});
  REQUIRE(same.has_value());
  CHECK_FALSE(same->enabled());
}

TEST_CASE("an endpoint from the environment is used") {
  const HttpServer server;
  const Environment endpoint("JAEGER_ENDPOINT", server.endpoint().c_str());
  CHECK(send_one({}, server).spans.size() == 1);
}

TEST_CASE("code beats the environment, also where it says the default") {
  const HttpServer server, other;
  const Environment endpoint("JAEGER_ENDPOINT", other.endpoint().c_str());
  const Environment service("JAEGER_SERVICE_NAME", "from the environment");
  const Environment type("JAEGER_SAMPLER_TYPE", "const");
  const Environment param("JAEGER_SAMPLER_PARAM", "0");
  const Environment wide("JAEGER_TRACEID_128BIT", "false");
  const Environment disabled("JAEGER_DISABLED", "true");
  const SentBatch batch = send_one({.service_name = "from code",
                                    .endpoint = server.endpoint(),
                                    .sampler = {.type = "const", .param = 1},
                                    .disabled = false,
                                    .trace_id_128bit = true},
                                   server);
  CHECK(batch.service == "from code");
  REQUIRE(batch.spans.size() == 1);
  CHECK(batch.spans[0].trace_id_high != 0);
  CHECK(other.connections() == 0);
}

TEST_CASE("an empty endpoint in code switches off what the environment switched on") {
  const Environment endpoint("JAEGER_ENDPOINT", "http://127.0.0.1:1/api/traces");
  auto made = jtrace::make_tracer({.endpoint = ""});
  REQUIRE(made);
  CHECK_FALSE(made->enabled());
}

TEST_CASE("what code leaves open comes from the environment") {
  const HttpServer server;
  const Environment service("JAEGER_SERVICE_NAME", "测试应用名称");
  const Environment wide("JAEGER_TRACEID_128BIT", "false");
  const SentBatch batch = send_one({.endpoint = server.endpoint()}, server);
  CHECK(batch.service == "测试应用名称");
  CHECK(batch.spans.at(0).trace_id_high == 0);
  CHECK(batch.spans.at(0).trace_id_low != 0);
}

TEST_CASE("the service name is the program's, unless it is given") {
  const HttpServer server;
  const Environment empty("JAEGER_SERVICE_NAME", "");
  CHECK(send_one({.endpoint = server.endpoint()}, server).service == program_invocation_short_name);
}

TEST_CASE("disabled means off, whatever else is set; a word that is no bool is refused") {
  const Environment endpoint("JAEGER_ENDPOINT", "http://127.0.0.1:1/api/traces");
  for (const char* yes : {"true", "1", "TRUE", "True"}) {
    CAPTURE(std::string(yes));
    const Environment disabled("JAEGER_DISABLED", yes);
    auto made = jtrace::make_tracer({});
    REQUIRE(made);
    CHECK_FALSE(made->enabled());
  }
  for (const char* no : {"false", "0", "FALSE", ""}) {
    CAPTURE(std::string(no));
    const Environment disabled("JAEGER_DISABLED", no);
    auto made = jtrace::make_tracer({});
    REQUIRE(made);
    CHECK(made->enabled());
    made->close(0s);
  }
  refuses("JAEGER_DISABLED", "maybe");
  refuses("JAEGER_DISABLED", "2");
  refuses("JAEGER_TRACEID_128BIT", "wide");
  CHECK_FALSE(jtrace::make_tracer({.disabled = true})->enabled());
}

TEST_CASE("intervals are milliseconds, or have a unit; anything else is refused") {
  for (const char* good : {"1000", "250ms", "2s", "1.5s", "1m", "500us"})
    accepts("JAEGER_REPORTER_FLUSH_INTERVAL", good);
  for (const char* bad :
       {"soon", "-5", "-5s", "5 parsecs", "10x", "s", "99999999999999999999", "1s2", "nan", "1e999s"}) {
    refuses("JAEGER_REPORTER_FLUSH_INTERVAL", bad);
  }
  const jtrace::Error error = refused({.endpoint = "h", .flush_interval = -1s});
  CHECK(error.key() == "flush_interval");
  CHECK(refused({.endpoint = "h", .request_timeout = -1ms}).key() == "request_timeout");
}

TEST_CASE("a queue size is a number of spans, or bytes with a unit; anything else is refused") {
  for (const char* good : {"100", "10000", "64MiB", "512KiB", "1GiB"})
    accepts("JAEGER_REPORTER_MAX_QUEUE_SIZE", good);
  for (const char* bad : {"many", "-1", "64 parsecs", "99999999999999999999999", "MiB", "0x10"}) {
    refuses("JAEGER_REPORTER_MAX_QUEUE_SIZE", bad);
  }
  CHECK(refused({.endpoint = "h", .max_queue_bytes = -1}).key() == "max_queue_bytes");
  CHECK(refused({.endpoint = "h", .max_batch_bytes = -1}).key() == "max_batch_bytes");
}

TEST_CASE("even a queue of 100 spans, the old clients' default, delivers") {
  const HttpServer server;
  const Environment size("JAEGER_REPORTER_MAX_QUEUE_SIZE", "100");
  CHECK(send_one({.endpoint = server.endpoint()}, server).spans.size() == 1);
}

TEST_CASE("the queue holds about as much as it was told") {
  // How many spans fit while the collector says nothing, in the queue and in the worker's hands? A span of this kind takes
  // some 70 to 250 bytes.
  const auto fits = [](const jtrace::Config& config) {
    HttpServer server({.body = {}, .headers = {}, .manner = support::Answer::Manner::held});
    jtrace::Config complete = config;
    complete.endpoint = server.endpoint();
    auto made = jtrace::make_tracer(complete);
    REQUIRE(made);
    const auto fill = [&] {
      const std::uint64_t dropped = made->stats().drops.queue_full;
      for (int n = 0; made->stats().drops.queue_full == dropped && n < 4000; ++n) {
        for (int i = 0; i < 500; ++i)
          made->start_span("x", {.tags = {{"text", "sixteen letters."}, {"n", i}}}).finish();
      }
      CHECK(made->stats().drops.queue_full > dropped);
      return made->stats().queued;
    };
    // Full for good: also after the worker had time to take what it can.
    for (std::uint64_t before = 0, now = fill(); now > before; now = fill()) {
      before = now;
      std::this_thread::sleep_for(100ms);
    }
    server.let_go();
    CHECK(made->flush(kSoon));
    CHECK(made->stats().is_balanced());
    CHECK(made->stats().queued == 0);
    const std::uint64_t kept = made->stats().acknowledged;
    made->close(kSoon);
    return kept;
  };
  const std::uint64_t small = fits({.max_queue_bytes = 1 << 20});
  const std::uint64_t large = fits({.max_queue_bytes = 8 << 20});
  CHECK(small >= (1u << 20) / 512);
  CHECK(large >= (8u << 20) / 512);
  CHECK(large >= small * 2);
  const Environment size("JAEGER_REPORTER_MAX_QUEUE_SIZE", "8192");  // spans of 128 bytes: 1 MiB
  const std::uint64_t counted = fits({});
  CHECK(counted >= small / 2);
  CHECK(counted <= small * 2);
}

TEST_CASE("a short flush interval delivers by itself, a long one waits") {
  const HttpServer patient, eager;
  auto slow = jtrace::make_tracer({.endpoint = patient.endpoint(), .flush_interval = 1h});
  const Environment interval("JAEGER_REPORTER_FLUSH_INTERVAL", "20");
  auto quick = jtrace::make_tracer({.endpoint = eager.endpoint()});
  REQUIRE(slow);
  REQUIRE(quick);
  slow->start_span("waits").finish();
  for (std::size_t i = 1; i <= 5; ++i) {
    quick->start_span("goes").finish();
    CHECK(support::wait_for_spans(eager, i));
  }
  CHECK(patient.requests().empty());
  CHECK(slow->flush(kSoon));
  CHECK(patient.requests().size() == 1);
  slow->close(kSoon);
  quick->close(kSoon);
}

TEST_CASE("samplers: const and probabilistic within their ranges, anything else is refused") {
  CHECK(refused({.endpoint = "h", .sampler = {.param = -1}}).key() == "sampler.param");
  CHECK(refused({.endpoint = "h", .sampler = {.param = -1}}).value() == "-1");
  CHECK(refused({.endpoint = "h", .sampler = {.type = "const", .param = 0.5}}).key() == "sampler.param");
  CHECK(refused({.endpoint = "h", .sampler = {.type = "probabilistic", .param = 1.5}}).key() ==
        "sampler.param");
  const jtrace::Error type = refused({.endpoint = "h", .sampler = {.type = "sometimes"}});
  CHECK(type.key() == "sampler.type");
  CHECK(type.value() == "sometimes");
  names(type, "probabilistic", "const");
  refuses("JAEGER_SAMPLER_TYPE", "sometimes");
  refuses("JAEGER_SAMPLER_PARAM", "often");
  refuses("JAEGER_SAMPLER_PARAM", "7");
  refuses("JAEGER_SAMPLER_PARAM", "nan");
  refuses("JAEGER_SAMPLER_PARAM", "1,5");
  accepts("JAEGER_SAMPLER_PARAM", "1.0");
  accepts("JAEGER_SAMPLER_PARAM", "0");
}

TEST_CASE("the const sampler keeps all or nothing, and its roots say so") {
  const HttpServer server;
  const SentBatch batch = send_one({.endpoint = server.endpoint()}, server);
  const SentSpan& root = batch.spans.at(0);
  CHECK(root.text("sampler.type") == "const");
  REQUIRE(root.tag("sampler.param"));
  CHECK(root.tag("sampler.param")->type == SentTag::Type::boolean);
  CHECK(root.tag("sampler.param")->boolean);
  CHECK(root.flags == 1);

  const Environment param("JAEGER_SAMPLER_PARAM", "0");
  auto none = jtrace::make_tracer({.endpoint = server.endpoint()});
  REQUIRE(none);
  for (int i = 0; i < 10; ++i) none->start_span("x").finish();
  CHECK(none->flush(kSoon));
  CHECK(none->stats().not_sampled == 10);
  CHECK(none->stats().finished == 0);
  CHECK(server.requests().size() == 1);
  none->close(kSoon);
}

TEST_CASE("the probabilistic sampler keeps its share of the traces, and its roots say so") {
  const HttpServer server;
  const Environment type("JAEGER_SAMPLER_TYPE", "probabilistic");
  const Environment param("JAEGER_SAMPLER_PARAM", "0.25");
  auto made = jtrace::make_tracer({.endpoint = server.endpoint()});
  REQUIRE(made);
  for (int i = 0; i < 4000; ++i) {
    auto root = made->start_active_span("root");
    auto child = made->start_active_span("child");
  }
  CHECK(made->flush(kSoon));
  made->close(kSoon);
  const auto spans = support::spans_of(server);
  CHECK(spans.size() % 2 == 0);  // whole traces
  CHECK(spans.size() / 2 > 800);
  CHECK(spans.size() / 2 < 1200);
  std::size_t wrong = 0;
  for (const SentSpan& span : spans) {
    const SentTag* value = span.tag("sampler.param");
    if (span.name == "child") {
      wrong += value != nullptr || span.tag("sampler.type") != nullptr;
    } else {
      wrong += span.text("sampler.type") != "probabilistic" || !value ||
               value->type != SentTag::Type::floating || value->floating != 0.25;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a probability of 0 and 1 keeps nothing and everything") {
  const HttpServer server;
  auto all =
      jtrace::make_tracer({.endpoint = server.endpoint(), .sampler = {.type = "probabilistic", .param = 1}});
  auto none =
      jtrace::make_tracer({.endpoint = server.endpoint(), .sampler = {.type = "probabilistic", .param = 0}});
  for (int i = 0; i < 2000; ++i) {
    all->start_span("x").finish();
    none->start_span("x").finish();
  }
  CHECK(all->stats().started == 2000);
  CHECK(none->stats().started == 0);
  CHECK(none->stats().not_sampled == 2000);
  all->close(kSoon);
  none->close(kSoon);
}

TEST_CASE(
    "process tags come from code and from JAEGER_TAGS: blanks trimmed, '=' kept, variables with a default") {
  const HttpServer server;
  const Environment set("JTRACE_TEST_SET", "found");
  const Environment unset("JTRACE_TEST_UNSET", std::nullopt);
  const Environment tags("JAEGER_TAGS",
                         "plain=1, spaced = two words ,equation=a=b=c,unset=${JTRACE_TEST_UNSET:fallback},"
                         "set=${JTRACE_TEST_SET:fallback},url=${JTRACE_TEST_UNSET:http://h:1/x?y=z},"
                         "nodefault=${JTRACE_TEST_SET},empty=,both=environment,地区=北京");
  const SentBatch batch =
      send_one({.endpoint = server.endpoint(), .tags = {{"region", "eu"}, {"both", "code"}}}, server);
  CHECK(process_tag(batch, "plain") == "1");
  CHECK(process_tag(batch, "spaced") == "two words");
  CHECK(process_tag(batch, "equation") == "a=b=c");
  CHECK(process_tag(batch, "unset") == "fallback");
  CHECK(process_tag(batch, "set") == "found");
  CHECK(process_tag(batch, "url") == "http://h:1/x?y=z");
  CHECK(process_tag(batch, "nodefault") == "found");
  CHECK(process_tag(batch, "empty") == "");
  CHECK(process_tag(batch, "地区") == "北京");
  CHECK(process_tag(batch, "region") == "eu");
  CHECK(process_tag(batch, "both") == "code");
  std::size_t both = 0;
  for (const SentTag& tag : batch.process_tags) both += tag.key == "both";
  CHECK(both == 1);
}

TEST_CASE("the process says where it runs and which client it uses") {
  const HttpServer server;
  const SentBatch batch = send_one({.endpoint = server.endpoint()}, server);
  CHECK(process_tag(batch, "jaeger.version") == std::string("jtrace-") + jtrace::version());
  CHECK(process_tag(batch, "hostname") != "(none)");
  CHECK_FALSE(process_tag(batch, "hostname").empty());
  CHECK(process_tag(batch, "ip").find_first_of(".:") != std::string::npos);
}

TEST_CASE("one start-up line at info says where spans go, for whom and how they are chosen") {
  const LogCapture log(jtrace::LogLevel::info);
  const HttpServer server;
  send_one({.service_name = "orders",
            .endpoint = server.endpoint(),
            .sampler = {.type = "probabilistic", .param = 1}},
           server);
  std::size_t found = 0;
  for (const auto& line : log.lines()) {
    found += line.level == jtrace::LogLevel::info && line.text.find(server.endpoint()) != std::string::npos &&
             line.text.find("orders") != std::string::npos &&
             line.text.find("probabilistic") != std::string::npos;
  }
  INFO(log.text());
  CHECK(found == 1);
  CHECK(log.count(jtrace::LogLevel::warn) == 0);
}

TEST_CASE("settings mean and say the same under every locale") {
  const LogCapture log(jtrace::LogLevel::info);
  const support::CommaLocale locale;
  if (!locale.is_there()) return;
  const support::Environment type("JAEGER_SAMPLER_TYPE", "probabilistic"), param("JAEGER_SAMPLER_PARAM", "0.25");
  const auto of_environment = jtrace::make_tracer({.endpoint = "127.0.0.1:9"});
  const auto of_code = jtrace::make_tracer({.endpoint = "127.0.0.1:9", .sampler = {.type = "ratelimiting", .param = 1.5}});
  CHECK(of_environment);
  CHECK(of_code);
  INFO(log.text());
  CHECK(log.text().find("probabilistic 0.25") != std::string::npos);
  CHECK(log.text().find("ratelimiting 1.5") != std::string::npos);
}

TEST_CASE("a calm tracer says nothing at the default level") {
  const LogCapture log;
  const HttpServer server;
  send_one({.endpoint = server.endpoint()}, server);
  CHECK(log.text().empty());
}

TEST_CASE("a refused configuration by init leaves the global tracer as it was") {
  CHECK_FALSE(jtrace::init({.endpoint = "ftp://h"}));
  CHECK_FALSE(jtrace::tracer().enabled());
}

TEST_CASE("init configures the global tracer and copies of it, and may be called again") {
  const HttpServer first, second;
  const jtrace::Tracer copy = jtrace::tracer();
  auto made = jtrace::init({.service_name = "one", .endpoint = first.endpoint(), .flush_interval = 1h});
  REQUIRE(made);
  CHECK(copy.enabled());
  copy.start_span("by the copy").finish();
  jtrace::start_span("free").finish();
  made->start_span("by init's result").finish();

  // The one before is flushed and closed.
  REQUIRE(jtrace::init({.service_name = "two", .endpoint = second.endpoint(), .flush_interval = 1h}));
  CHECK(support::wait_for_spans(first, 3));
  CHECK(support::decode_batch(first.requests().at(0).body).service == "one");
  jtrace::start_span("later").finish();
  CHECK(copy.flush(kSoon));
  REQUIRE(second.requests().size() == 1);
  CHECK(support::decode_batch(second.requests().at(0).body).service == "two");

  CHECK_FALSE(jtrace::init({.endpoint = "ftp://h"}));
  jtrace::start_span("still").finish();
  CHECK(jtrace::tracer().flush(kSoon));
  CHECK(support::spans_of(second).size() == 2);

  REQUIRE(jtrace::init({.endpoint = ""}));
  CHECK_FALSE(copy.enabled());
}

TEST_CASE("an Expected says what it holds") {
  const jtrace::Expected<int> good(5), bad(jtrace::Error("key", "value", "sentence"));
  CHECK(good.has_value());
  CHECK(*good == 5);
  CHECK(good.error().message().empty());
  CHECK_FALSE(bad.has_value());
  CHECK(*bad == 0);
  CHECK(bad.error().key() == "key");
  CHECK(jtrace::Expected<int>(bad).value_or(7) == 7);
  CHECK(jtrace::Expected<int>(good).value_or(7) == 5);
}
