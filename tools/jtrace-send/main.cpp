// jtrace-send: sends test traces to a Jaeger collector, says what became of them, and explains what went
// wrong. The steps are those of send(): probe, emit, count, verify. docs/jtrace-send.md is its manual.
#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "console.h"
#include "diagnose.h"
#include "emit.h"
#include "explain_config.h"
#include "jtrace/log.h"
#include "load.h"
#include "options.h"
#include "report.h"
#include "verify.h"

namespace {

using namespace jtrace_send;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Where the spans go.
std::optional<Url> destination(const Options& options) {
  const bool is_otlp = options.protocol == "http/json" || options.protocol == "http/protobuf";
  if (!options.agent) return collector_url(options.endpoint, is_otlp ? Posts::otlp : Posts::thrift);
  const bool is_binary = options.protocol == "udp/thrift.binary";
  return agent_url(options.agent->host, options.agent->port.value_or(is_binary ? 6832 : 6831));
}

// An agent answers nothing: what can be told is what the system knows of the way there.
Diagnosis explain_agent_losses(const jtrace::Stats& stats, const Url& agent) {
  if (stats.failures.rejected != 0)
    return {kRefused, "This system does not send datagrams of that size.", "Smaller ones: JTRACE_AGENT_MAX_PACKET_BYTES=9000."};
  return {kNotReachable, "Nobody listens at " + agent.shown() + ", or nobody knows that host.",
          "Jaeger has no agent since v1.68 and v2.5: name the collector with --endpoint http://HOST:14268/api/traces, or open "
          "the UDP ports of Jaeger v2 (receiver jaeger, thrift_compact)."};
}

// By what the library counted; for a failure that the probe after it does not find any more.
Diagnosis explain_losses(const jtrace::Stats& stats, const Url& collector) {
  if (stats.dropped() != 0)
    return {kUnexpected, "Spans were dropped before they were sent.",
            "Fewer or smaller --tags make smaller spans, a lower --depth fewer open ones."};
  const bool was_answered = stats.failures.rejected + stats.failures.server_error != 0;
  return {was_answered ? kRefused : kNotReachable,
          collector.host_and_port() + (was_answered ? " refused a batch" : " did not take a batch in time") +
              ", though it takes an empty one now.",
          "The trouble may have passed: try again. --verbose lets the library tell more."};
}

bool is_all_delivered(const jtrace::Stats& stats) {
  return stats.acknowledged == stats.finished;
}

constexpr std::size_t kIdsReported = 10;

// Delivers the traces, and gives those that --verify will ask for.
std::vector<SentTrace> deliver(const Options& options, const Url& collector, jtrace::Tracer tracer, Console& console,
                               Report& report) {
  std::vector<SentTrace> sent;
  std::uint64_t count = 0;
  Load load(options, tracer);
  const auto begin = Clock::now();
  report.totals.traces = load.run([&](std::uint64_t number, jtrace::TraceId id) {
    console.trace(count, id);
    console.progress("sent", ++count);
    if (options.is_verifying) sent.push_back({number, id});
    if (report.ids.size() < kIdsReported || options.is_verbose) report.ids.push_back(id);
  });
  tracer.close(0s);  // run() has waited already
  report.totals.took = Clock::now() - begin;
  report.totals.stats = tracer.stats();
  report.totals.flushes = load.flushes();
  console.totals(report.totals);
  if (is_all_delivered(report.totals.stats)) return sent;

  if (options.agent) {
    report.problem = report.totals.stats.dropped() != 0 ? explain_losses(report.totals.stats, collector)
                                                        : explain_agent_losses(report.totals.stats, collector);
    return sent;
  }
  const auto found = probe_collector(collector, options.reach, options.timeout);
  report.problem = found ? *found : explain_losses(report.totals.stats, collector);
  return sent;
}

ExitCode verify(const Options& options, const Url& query, const std::vector<SentTrace>& sent, Console& console,
                Report& report) {
  const auto begin = Clock::now();
  const Verdict verdict = Verifier(options, query).run(sent, [&](std::uint64_t visible) {
    console.progress("verified", visible);
  });
  report.problem = verdict.no_api;
  if (verdict.no_api) return verdict.no_api->exit_code;
  report.verified = {query.shown(), verdict.visible, verdict.wanted};
  console.verdict(verdict, query, Clock::now() - begin);
  return verdict.is_good() ? kDelivered : kNotVisible;
}

// The steps, up to the first that fails. What it is goes into the report.
ExitCode go(const Options& options, const Url& collector, const Url& query, jtrace::Tracer tracer, Console& console,
            Report& report) {
  // The first look is ours: it finds a wrong port in a moment, and one that swallows all there is.
  if (!options.agent) report.problem = probe_collector(collector, options.reach, options.timeout);
  if (report.problem) return report.problem->exit_code;
  const std::vector<SentTrace> sent = deliver(options, collector, tracer, console, report);
  if (report.problem) return report.problem->exit_code;
  return options.is_verifying ? verify(options, query, sent, console, report) : kDelivered;
}

ExitCode send(Options options) {
  const auto made = make_tracer(options);
  const auto collector = destination(options);
  const Url query = options.verify_at ? *options.verify_at
                    : options.ui      ? *options.ui
                                      : guess_query_url(collector.value_or(Url{}));
  Console console(options, options.ui.value_or(query));
  if (!made || !collector) {
    console.problem(made ? "the endpoint is no address." : made.error().message());
    return kUsage;
  }
  options.reach = with_environment(options.reach);  // what the library has accepted
  Report report;
  report.endpoint = collector->shown();
  if (options.traces != Options::kUnbounded) report.wanted = options.traces;
  const ExitCode exit_code = go(options, *collector, query, *made, console, report);
  report.exit_code = exit_code;
  if (report.problem) console.problem(*report.problem);
  console.report(report);
  return exit_code;
}

int stop(const Stop& stop) {
  std::fprintf(stop.exit_code == 0 ? stdout : stderr, "%s%s", stop.text.c_str(),
               stop.text.ends_with('\n') ? "" : "\n");
  return stop.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options({argv + 1, argv + argc}, Variables::of_environment());
  if (const auto* end = std::get_if<Stop>(&parsed)) return stop(*end);
  const auto& options = std::get<Options>(parsed);
  if (options.is_explaining) return explain_config(options);
  // What the library would say, the diagnosis says better.
  if (!options.is_verbose) jtrace::set_log_level(jtrace::LogLevel::off);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets without MSG_NOSIGNAL
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return send(options);
}
