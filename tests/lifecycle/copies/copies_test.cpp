// Several copies of jtrace in one process trace as one: an executable and a shared library with static copies, a library that
// uses libjtrace.so, and a plugin with either. Whichever is used first leads; plugins come and go.
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/memory.h"
#include "support/process.h"

namespace {

using support::HttpServer;
using support::Outcome;
using support::SentSpan;

std::string built(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}
const std::vector<std::string> kPlugins = {"libcopies-plugin-static.so", "libcopies-plugin-visible.so",
                                           "libcopies-plugin-shared.so"};

Outcome run(const std::string& program, const std::string& endpoint, std::vector<std::string> arguments,
            support::Variables more = {}) {
  arguments.insert(arguments.begin(), built(program));
  more.emplace("MALLOC_PERTURB_", "0");
  more.emplace("ASAN_OPTIONS", "detect_odr_violation=0");  // several copies are what this is about
  if (!endpoint.empty()) more.emplace("JAEGER_ENDPOINT", endpoint);
  return support::run(std::move(arguments), more);
}

// Bytes of static TLS. On arm64 libraries that come along with libcurl take some as well, while there is any (TLS descriptors).
#if defined(__aarch64__)
constexpr int kLeftFree = 80;
#else
constexpr int kLeftFree = 16;
#endif

// For threads that trace as fast as they can.
const support::Variables kFewSampled = {{"JAEGER_SAMPLER_TYPE", "probabilistic"}, {"JAEGER_SAMPLER_PARAM", "0.01"}};

void check_quiet_success(const Outcome& outcome) {
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.err.empty());
  CHECK(outcome.out.empty());
}

const SentSpan& named(const std::vector<SentSpan>& spans, const std::string& name) {
  for (const SentSpan& span : spans) {
    if (span.name == name) return span;
  }
  FAIL("no span " << name);
  return spans.front();
}

// What each part's trace(1) looks like, whoever did it.
void check_traced_by(const std::vector<SentSpan>& spans, const std::string& part) {
  CAPTURE(part);
  const SentSpan& traced = named(spans, "renamed by " + part);
  CHECK(traced.text("text") == "text");
  CHECK(traced.text("long").size() == 1000);
  CHECK(traced.tag("yes"));
  CHECK(traced.tag("n"));
  CHECK(traced.tag("error"));
  CHECK(traced.logs.size() == 5);  // two, the baggage, and two errors
  const SentSpan& child = named(spans, "child by " + part);
  CHECK(child.parent_span_id == traced.span_id);
  CHECK(named(spans, "below by " + part).parent_span_id == 3);
  CHECK(named(spans, "below by " + part).trace_id_high == 1);
  CHECK(named(spans, "below by " + part).flags == 3);
  CHECK(traced.flags == 1);
}

// And what its take_along() looks like.
void check_taken_along(const std::vector<SentSpan>& spans, const std::string& part) {
  CAPTURE(part);
  const auto id = named(spans, "taken along by " + part).span_id;
  for (const char* child : {"loaded by ", "failed by ", "hopping by ", "giving up by ", "carried by ", "carried, still by ", "left behind by "})
    CHECK(named(spans, child + part).parent_span_id == id);
  CHECK(named(spans, "behind the hop by " + part).parent_span_id == named(spans, "hopping by " + part).span_id);
  for (const SentSpan& span : spans) CHECK(span.name != "Order::load");
  const SentSpan& failed = named(spans, "failed by " + part);
  REQUIRE(failed.logs.size() == 1);
  CHECK(failed.logs[0].field("message")->text == "no");
}

void check_handed_on(const std::vector<SentSpan>& spans, const std::string& from, const std::set<std::string>& to) {
  std::set<std::string> by;
  for (const SentSpan& span : spans) {
    if (span.name != "handed on by " + from) continue;
    CHECK(span.text("long").size() == 600);
    CHECK(span.text("longer").size() == 1000);
    CHECK(span.logs.size() == 1);
    by.insert(span.text("finished by"));
  }
  CHECK(by == to);
}

// Every span has arrived, in one trace where that was meant, over one connection of one worker.
void check_one_tracer(const HttpServer& server, const Outcome& outcome, const std::vector<std::string>& order) {
  INFO(outcome.describe());
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.number("workers") == 1);
  CHECK(server.connections() == 1);
  const auto spans = support::spans_of(server);
  CHECK(static_cast<long long>(spans.size()) == outcome.number("acknowledged"));
  CHECK(outcome.number("finished") == outcome.number("acknowledged"));
  std::uint64_t parent = 0;
  for (const std::string& part : order) {
    const SentSpan& span = named(spans, part);
    CHECK(span.parent_span_id == parent);
    CHECK(span.trace_id_low == named(spans, order.front()).trace_id_low);
    CHECK(span.text("seen by") == part);
    parent = span.span_id;
    check_traced_by(spans, part);
    check_taken_along(spans, part);
    check_handed_on(spans, part, {order.begin(), order.end()});
  }
}

std::vector<std::string> parts(const std::string& letters) {
  std::vector<std::string> names;
  for (const char letter : letters)
    names.emplace_back(letter == 'x' ? "executable" : letter == 'p' ? "plugin" : std::string("library_") + letter);
  return names;
}

}  // namespace

TEST_CASE("all copies of jtrace in a process share one global tracer, whichever is used first") {
  for (const std::string& plugin : kPlugins) {
    for (const std::string scenario : {"one tracer", "one tracer, deep", "one tracer, global"}) {
      // A sanitizer does not allow RTLD_DEEPBIND.
      if (support::is_sanitized() && scenario == "one tracer, deep") continue;
      for (const std::string order : {"xabp", "abpx", "bpxa", "pxab"}) {
        CAPTURE(plugin);
        CAPTURE(scenario);
        CAPTURE(order);
        const HttpServer server;
        const Outcome outcome = run("copies-program", server.endpoint(), {scenario, built(plugin), order});
        check_quiet_success(outcome);
        check_one_tracer(server, outcome, parts(order));
      }
    }
  }
}

TEST_CASE("a part that follows may have a tracer of its own, and closes it") {
  for (const std::string order : {"xabp", "pbax"}) {
    const HttpServer server;
    const Outcome outcome = run("copies-program", "", {"own tracers", built(kPlugins[0]), order, server.endpoint()});
    check_quiet_success(outcome);
    for (const std::string& part : parts(order)) CHECK(outcome.number(part) == 20);
    CHECK(support::spans_of(server).size() == 80);
  }
}

TEST_CASE("what one part configures is what all of them use") {
  for (const std::string order : {"xabp", "pbax"}) {
    const HttpServer server;
    const Outcome outcome = run("copies-program", "", {"configured by one", built(kPlugins[0]), order, server.endpoint()});
    check_quiet_success(outcome);
    CHECK(outcome.number("configured") == 1);
    CHECK(outcome.number("workers") == 1);
    const auto spans = support::spans_of(server);
    CHECK(static_cast<long long>(spans.size()) == outcome.number("acknowledged"));
    for (const std::string& part : parts(order)) check_traced_by(spans, part);
  }
}

TEST_CASE("a plugin is loaded and unloaded a hundred times while threads trace, and leaves nothing behind") {
  const HttpServer server;
  const Outcome outcome = run("copies-program", server.endpoint(), {"load and unload", built(kPlugins[0])}, kFewSampled);
  check_quiet_success(outcome);
  INFO(outcome.describe());
  CHECK(outcome.number("stayed") == 0);
  CHECK(outcome.number("workers") == 1);
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.number("balanced") == 1);
  if (!support::is_sanitized()) CHECK(outcome.number("grown") < 4 << 20);
}

TEST_CASE("a plugin that has the only copy, or the shared one, is unloaded in name and traces on") {
  for (const std::string& plugin : kPlugins) {
    CAPTURE(plugin);
    const HttpServer server;
    const Outcome outcome = run("copies-host", server.endpoint(), {"load and unload", built(plugin)});
    check_quiet_success(outcome);
    INFO(outcome.describe());
    CHECK(outcome.number("workers") == 1);
    CHECK(outcome.number("flushed") == 1);
    CHECK(outcome.number("balanced") == 1);
    // The plugin with the copy that leads stays; one that uses libjtrace.so goes, and the library stays.
    CHECK(outcome.number("stayed") == (plugin == kPlugins[2] ? 0 : 100));
  }
}

TEST_CASE("a plugin whose copy leads may be closed while its threads trace on") {
  const HttpServer server;
  const Outcome outcome =
      run("copies-host", server.endpoint(), {"unload under threads", built(kPlugins[0])}, kFewSampled);
  check_quiet_success(outcome);
  CHECK(outcome.number("stayed") == 100);
  CHECK(outcome.number("flushed") == 1);
}

TEST_CASE("the library loads beside others that have used up static TLS but for 16 bytes" *
          doctest::skip(support::is_sanitized())) {
  const Outcome counted = run("copies-host", "", {"count hungry", built("libcopies-hungry.so")});
  const auto most = counted.number("fit");
  REQUIRE(most > 10);
  const auto beside = most - kLeftFree / 16;
  for (const std::string& plugin : kPlugins) {
    CAPTURE(plugin);
    const HttpServer server;
    const Outcome outcome =
        run("copies-host", server.endpoint(),
            {"after hungry", built(plugin), built("libcopies-hungry.so"), std::to_string(beside)});
    check_quiet_success(outcome);
    CHECK(outcome.number("flushed") == 1);
    CHECK(outcome.number("acknowledged") == 3);
  }
}

TEST_CASE("a copy that does not know the leader's interface traces for itself, and says so") {
  const HttpServer server;
  const Outcome outcome = run("copies-program", server.endpoint(), {"stranger", "", built("libcopies-stranger.so")});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.err.find("two tracers in one process: jtrace 99.0 is there already") != std::string::npos);
  CHECK(support::spans_of(server).size() == 3);
}

TEST_CASE("libjtrace.so exports nothing but names of jtrace, has a soname and takes at most 16 bytes of static TLS") {
  const std::string library = JTRACE_LIBRARY;
  const Outcome names = support::run({"nm", "--dynamic", "--defined-only", "--format=posix", library});
  if (!names.succeeded()) {
    MESSAGE("skipped: no nm here (Debian: binutils)");
    return;
  }
  std::size_t count = 0, others = 0;
  std::istringstream lines(names.out);
  for (std::string line; std::getline(lines, line); ++count) others += line.find("6jtrace") == std::string::npos;
  CHECK(count > 40);
  // A sanitizer adds its own.
  if (!support::is_sanitized()) CHECK(others == 0);
  const Outcome about = support::run({"readelf", "--wide", "--dynamic", "--segments", library});
  CHECK(about.out.find("Library soname: [libjtrace.so.0]") != std::string::npos);
  CHECK(about.out.find("NODELETE") != std::string::npos);
  const auto tls = about.out.find("\n  TLS ");
  REQUIRE(tls != std::string::npos);
  std::istringstream fields(about.out.substr(tls));
  std::string type, offset, address, physical, in_file, in_memory;
  fields >> type >> offset >> address >> physical >> in_file >> in_memory;
  CHECK(std::stoul(in_memory, nullptr, 16) <= 16);
}
