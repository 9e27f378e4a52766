// Settings: each key from code and from the environment, which of them wins, the defaults, and errors that name key and value.
#include "config/read_settings.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <locale.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/environment.h"

namespace {

using namespace jtrace::detail;
using namespace std::chrono_literals;
using jtrace::Error;
using support::Environment;

using Code = std::vector<ConfigView>;

Settings settings(const Code& code = {}) {
  SettingsOrError read = read_settings(code);
  CHECK(read.error.message() == "");
  CHECK(read.error.key() == "");
  return read.settings;
}
Error error(const Code& code = {}) { return read_settings(code).error; }

// A key, a value that differs from the default, and how to see that it was taken.
struct Key {
  const char *name, *variable, *value, *other, *bad;
  std::function<std::string(const Settings&)> seen;
  const char *default_seen, *value_seen, *other_seen;
};

std::string show(Nanoseconds time) { return std::to_string(time.count() / 1'000'000) + "ms"; }
std::string show(bool is) { return is ? "true" : "false"; }
std::string show(std::int64_t bytes) { return std::to_string(bytes); }

const Key kKeys[] = {
    {"endpoint", "JAEGER_ENDPOINT", "h", "i:1", "ftp://h", [](const Settings& s) { return s.endpoint.url; }, "",
     "http://h:14268/api/traces", "http://i:1/api/traces"},
    {"service_name", "JAEGER_SERVICE_NAME", "a", "b", " ", [](const Settings& s) { return s.service_name; }, "config_test", "a", "b"},
    {"disabled", "JAEGER_DISABLED", "true", "false", "maybe", [](const Settings& s) { return show(s.disabled); }, "false", "true", "false"},
    {"sampler.type", "JAEGER_SAMPLER_TYPE", "probabilistic", "const", "lowerbound", [](const Settings& s) { return std::string(s.sampler.name()); },
     "const", "probabilistic", "const"},
    {"sampler.param", "JAEGER_SAMPLER_PARAM", "0", "1", "-1", [](const Settings& s) { return show(s.sampler.keeps(1)); }, "true", "false", "true"},
    {"sampler.refresh_interval", "JAEGER_SAMPLER_REFRESH_INTERVAL", "250", "2s", "0",
     [](const Settings& s) { return show(s.sampling.refresh_interval); }, "60000ms", "250ms", "2000ms"},
    {"sampler.max_operations", "JAEGER_SAMPLER_MAX_OPERATIONS", "7", "100000", "1.5",
     [](const Settings& s) { return show(s.sampling.max_operations); }, "2000", "7", "100000"},
    {"flush_interval", "JAEGER_REPORTER_FLUSH_INTERVAL", "250", "2s", "0", [](const Settings& s) { return show(s.flush_interval); }, "1000ms",
     "250ms", "2000ms"},
    {"exit_flush_timeout", "JTRACE_EXIT_FLUSH_TIMEOUT", "0", "2s", "-1", [](const Settings& s) { return show(s.exit_flush_timeout); },
     "1000ms", "0ms", "2000ms"},
    {"connect_timeout", "JTRACE_CONNECT_TIMEOUT", "250", "2s", "soon", [](const Settings& s) { return show(s.connect_timeout); }, "5000ms",
     "250ms", "2000ms"},
    {"request_timeout", "JTRACE_REQUEST_TIMEOUT", "250", "2s", "0s", [](const Settings& s) { return show(s.request_timeout); }, "10000ms",
     "250ms", "2000ms"},
    {"max_queue_bytes", "JAEGER_REPORTER_MAX_QUEUE_SIZE", "1000", "2MiB", "0", [](const Settings& s) { return show(s.max_queue_bytes); },
     "67108864", "128000", "2097152"},
    {"max_open_bytes", "JTRACE_MAX_OPEN_BYTES", "100000", "2MiB", "-5", [](const Settings& s) { return show(s.max_open_bytes); }, "16777216",
     "100000", "2097152"},
    {"max_batch_bytes", "JTRACE_MAX_BATCH_BYTES", "100000", "2MiB", "many", [](const Settings& s) { return show(s.max_batch_bytes); },
     "1048576", "100000", "2097152"},
    {"max_span_bytes", "JTRACE_MAX_SPAN_BYTES", "100000", "2MiB", "1.5.2", [](const Settings& s) { return show(s.max_span_bytes); }, "65536",
     "100000", "2097152"},
    {"tls.server_name", "JAEGER_TLS_SERVER_NAME", "a.b", "c", "a:1", [](const Settings& s) { return s.tls.server_name; }, "", "a.b", "c"},
    {"tls.skip_verify", "JAEGER_TLS_SKIP_VERIFY", "yes", "false", "perhaps", [](const Settings& s) { return show(s.tls.skip_verify); },
     "false", "true", "false"},
    {"trace_id_128bit", "JAEGER_TRACEID_128BIT", "false", "true", "128", [](const Settings& s) { return show(s.trace_id_128bit); }, "true",
     "false", "true"},
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("each key has its default, can be set by its variable and in code, and code wins") {
  for (const Key& key : kKeys) {
    CAPTURE(std::string(key.name));
    CHECK(key.seen(settings()) == key.default_seen);
    CHECK(key.seen(settings({{key.name, key.value}})) == key.value_seen);
    const Environment set(key.variable, key.value);
    CHECK(key.seen(settings()) == key.value_seen);
    CHECK(key.seen(settings({{key.name, key.other}})) == key.other_seen);
  }
}

TEST_CASE("an empty variable is as good as none") {
  for (const Key& key : kKeys) {
    CAPTURE(std::string(key.name));
    const Environment set(key.variable, "");
    CHECK(key.seen(settings()) == key.default_seen);
  }
}

TEST_CASE("a value that does not parse is an error that names who said it, the value, and what is allowed") {
  for (const Key& key : kKeys) {
    for (const bool in_code : {true, false}) {
      CAPTURE(std::string(key.name));
      CAPTURE(in_code);
      std::optional<Environment> set;
      if (!in_code) set.emplace(key.variable, key.bad);
      const Error refused = in_code ? error({{key.name, key.bad}}) : error();
      CHECK(refused.key() == (in_code ? key.name : key.variable));
      CHECK(refused.value() == std::string(key.bad));
      CHECK(has(refused.message(), refused.key()));
      CHECK(has(refused.message(), key.bad));
      CHECK(has(refused.message(), "allowed is "));
    }
  }
}

TEST_CASE("what a variable says wrongly does not matter where code says it right") {
  for (const Key& key : kKeys) {
    CAPTURE(std::string(key.name));
    const Environment set(key.variable, key.bad);
    CHECK(key.seen(settings({{key.name, key.value}})) == key.value_seen);
  }
}

TEST_CASE("a key that nobody knows is an error") {
  const Error refused = error({{"no.such.key", "1"}});
  CHECK(refused.key() == "no.such.key");
  CHECK(refused.value() == "1");
}

TEST_CASE("off without an endpoint, off when disabled, on otherwise") {
  CHECK_FALSE(settings().is_on());
  CHECK_FALSE(settings({{"endpoint", ""}}).is_on());
  CHECK(settings({{"endpoint", "h"}}).is_on());
  CHECK_FALSE(settings({{"endpoint", "h"}, {"disabled", "true"}}).is_on());
  const Environment set("JAEGER_ENDPOINT", "h");
  CHECK(settings().is_on());
  CHECK_FALSE(settings({{"endpoint", ""}}).is_on());  // code says: none
  const Environment disabled("JAEGER_DISABLED", "1");
  CHECK_FALSE(settings().is_on());
}

TEST_CASE("the sampler is put together from type and rate, wherever each comes from") {
  CHECK(settings({{"sampler.type", "probabilistic"}}).sampler.param() == 0.001);
  CHECK(settings({{"sampler.type", "probabilistic"}, {"sampler.param", "0.25"}}).sampler.param() == 0.25);
  CHECK(settings({{"sampler.param", "0.25"}, {"sampler.type", "probabilistic"}}).sampler.param() == 0.25);
  CHECK(settings({{"sampler.type", "const"}, {"sampler.param", "false"}}).sampler.param() == 0);
  const Environment type("JAEGER_SAMPLER_TYPE", "probabilistic");
  CHECK(settings({{"sampler.param", "0.5"}}).sampler.param() == 0.5);
  CHECK(settings({{"sampler.param", "0.5"}}).sampler.name() == "probabilistic");
}

TEST_CASE("a limit has one trace per second by default, and any other that can be counted") {
  CHECK(settings({{"sampler.type", "ratelimiting"}}).sampling.per_second == 1);
  CHECK(settings({{"sampler.type", "rate_limiting"}, {"sampler.param", "42"}}).sampling.per_second == 42);
  CHECK(settings({{"sampler.type", "ratelimiting"}, {"sampler.param", "0"}}).sampling.by == Sampling::By::limit);
  for (const char* bad : {"-1", "inf", "nan"}) {
    CAPTURE(std::string(bad));
    CHECK(error({{"sampler.type", "ratelimiting"}, {"sampler.param", bad}}).key() == "sampler.param");
  }
}

TEST_CASE("a sampling server is where it is said to be, else where Jaeger's agent is, else here") {
  const auto server = [](Code code) {
    code.push_back({"sampler.type", "remote"});
    return settings(code).sampling.endpoint.url;
  };
  if (error({{"sampler.type", "remote"}}).message().find("built without") != std::string::npos) return;
  CHECK(server({}) == "http://localhost:5778/sampling");
  CHECK(server({{"sampler.endpoint", "http://h:14268/api/sampling"}}) == "http://h:14268/api/sampling");
  CHECK(server({{"sampler.endpoint", "https://h"}}) == "https://h/sampling");
  CHECK(server({{"sampler.manager_host_port", "h:1"}}) == "http://h:1/sampling");
  CHECK(server({{"sampler.manager_host_port", "http://h:1/x"}}) == "http://h:1/x");
  CHECK(server({{"sampler.manager_host_port", "h"}, {"sampler.endpoint", "i"}}) == "http://i:5778/sampling");
  const Environment agent("JAEGER_AGENT_HOST", "agent");
  CHECK(server({}) == "http://agent:5778/sampling");
  const Environment manager("JAEGER_SAMPLER_MANAGER_HOST_PORT", "manager:1");
  CHECK(server({}) == "http://manager:1/sampling");
  const Environment endpoint("JAEGER_SAMPLING_ENDPOINT", "http://endpoint:2/y");
  CHECK(server({}) == "http://endpoint:2/y");
  for (const char* bad : {"ftp://h", "h:0", "a b"}) {
    CAPTURE(std::string(bad));
    CHECK(error({{"sampler.endpoint", bad}}).key() == "sampler.endpoint");
    CHECK(error({{"sampler.manager_host_port", bad}}).key() == "sampler.manager_host_port");
  }
  CHECK(settings({{"sampler.type", "remote"}}).sampler.param() == 0.001);
}

TEST_CASE("only code can bring a sampler of its own") {
  CHECK(settings({{"sampler.own", "4096"}}).sampling.by == Sampling::By::own);
  const Environment variable("sampler.own", "4096");
  CHECK(settings().sampling.by == Sampling::By::id);
}

TEST_CASE("a rate that its sampler cannot have is an error with the value as it was written") {
  for (const char* bad : {"2", "-1", "1.0000001", "-0.1", "1e9"}) {
    CAPTURE(std::string(bad));
    const Error refused = error({{"sampler.type", "probabilistic"}, {"sampler.param", bad}});
    CHECK(refused.key() == "sampler.param");
    CHECK(refused.value() == std::string(bad));
    CHECK(has(refused.message(), "from 0 to 1"));
  }
  for (const char* bad : {"0.5", "2", "-1"}) {
    const Environment set("JAEGER_SAMPLER_PARAM", bad);
    CHECK(error().key() == "JAEGER_SAMPLER_PARAM");
    CHECK(error().value() == std::string(bad));
    CHECK(has(error().message(), "0 or 1"));
  }
}

TEST_CASE("a queue's size without a unit counts spans of 128 bytes, and sizes have a floor") {
  CHECK(settings({{"max_queue_bytes", "10000"}}).max_queue_bytes == 1'280'000);
  CHECK(settings({{"max_queue_bytes", "1MiB"}}).max_queue_bytes == 1 << 20);
  CHECK(settings({{"max_queue_bytes", "1"}}).max_queue_bytes == 65536);
  CHECK(settings({{"max_batch_bytes", "1"}}).max_batch_bytes == 1024);
  for (const char* name : {"max_queue_bytes", "max_open_bytes", "max_batch_bytes", "max_span_bytes"})
    CHECK(error({{name, "2000GiB"}}).key() == name);
}

TEST_CASE("tags from the environment come first, and one set in code takes the place of the same key") {
  const Environment set("JAEGER_TAGS", "a=1,b=2");
  const auto tags = settings({{"tags.b", "3"}, {"tags.c", "4,5=6"}}).tags;
  std::string shown;
  for (const auto& [key, value] : tags) shown += key + "=" + value + ";";
  CHECK(shown == "a=1;b=3;c=4,5=6;");
  CHECK(error({{"tags.", "x"}}).key() == "tags.");
  const Environment bad("JAEGER_TAGS", "a=1,b");
  CHECK(error().key() == "JAEGER_TAGS");
  CHECK(error().value() == "a=1,b");
}

TEST_CASE("a password is nowhere in an error") {
  for (const char* url : {"ftp://user:secret@h", "http://user:secret@h:70000", "http://user:secret@", "user:secret@h:x",
                          "http://user:secret@h h", "http://user:se/secret@h:1/", "http://user:se?secret@h", "http://user:se#secret@h",
                          "http://us@er:secret@h:70000"}) {
    CAPTURE(std::string(url));
    const Error in_code = error({{"endpoint", url}});
    CHECK(in_code.key() == "endpoint");
    CHECK_FALSE(has(in_code.value(), "secret"));
    CHECK_FALSE(has(in_code.message(), "secret"));
    const Environment set("JAEGER_ENDPOINT", url);
    CHECK_FALSE(has(error().message(), "secret"));
    CHECK_FALSE(has(error().value(), "secret"));
  }
}
