// jtrace-send: sends test traces to a Jaeger collector, says what became of them, and explains what went
// wrong. The steps are those of send(): probe, emit, count, verify. docs/jtrace-send.md is its manual.
#include <curl/curl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "console.h"
#include "diagnose.h"
#include "emit.h"
#include "jtrace/log.h"
#include "options.h"
#include "verify.h"

namespace {

using namespace jtrace_send;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// By what the library counted; for a failure that the probe after it does not find any more.
Diagnosis explain_losses(const jtrace::Stats& stats, const Url& collector) {
  if (stats.dropped() != 0)
    return {kUnexpected, "Spans were dropped before they were sent.",
            "Fewer or smaller --tags make smaller spans."};
  const bool was_answered = stats.failures.rejected + stats.failures.server_error != 0;
  return {was_answered ? kRefused : kNotReachable,
          collector.host_and_port() + (was_answered ? " refused a batch" : " did not take a batch in time") +
              ", though it takes an empty one now.",
          "The trouble may have passed: try again. --verbose lets the library tell more."};
}

bool is_all_delivered(const jtrace::Stats& stats) {
  return stats.acknowledged == stats.finished;
}

struct Delivery {
  ExitCode exit_code;
  std::vector<jtrace::TraceId> ids;  // kept for --verify
};

Delivery deliver(const Options& options, const Url& collector, jtrace::Tracer tracer, Console& console) {
  Delivery delivery{kDelivered, {}};
  const auto begin = Clock::now();
  const std::uint64_t emitted = Emitter(options, tracer).run([&](std::uint64_t number, jtrace::TraceId id) {
    console.trace(number, id);
    console.progress("sent", number + 1);
    if (options.is_verifying) delivery.ids.push_back(id);
  });
  tracer.close(0s);  // run() has waited already
  const jtrace::Stats stats = tracer.stats();
  console.totals(emitted, stats, Clock::now() - begin);
  if (is_all_delivered(stats)) return delivery;

  const auto found = probe_collector(collector, options.reach, options.timeout);
  const Diagnosis diagnosis = found ? *found : explain_losses(stats, collector);
  console.problem(diagnosis);
  delivery.exit_code = diagnosis.exit_code;
  return delivery;
}

ExitCode verify(const Options& options, const Url& query, const std::vector<jtrace::TraceId>& ids,
                Console& console) {
  const auto begin = Clock::now();
  const Verdict verdict = Verifier(options, query).run(ids, [&](std::uint64_t visible) {
    console.progress("verified", visible);
  });
  if (verdict.no_api) {
    console.problem(*verdict.no_api);
    return verdict.no_api->exit_code;
  }
  console.verdict(verdict, query, Clock::now() - begin);
  return verdict.is_good() ? kDelivered : kNotVisible;
}

ExitCode send(Options options) {
  const auto made = make_tracer(options);
  const auto collector = collector_url(options.endpoint);
  const Url query = options.verify_at ? *options.verify_at
                    : options.ui      ? *options.ui
                                      : guess_query_url(collector.value_or(Url{}));
  Console console(options, options.ui.value_or(query));
  if (!made || !collector) {
    console.problem(made ? "the endpoint is no address." : made.error().message());
    return kUsage;
  }
  options.reach = with_environment(options.reach);  // what the library has accepted
  // The first look is ours: it finds a wrong port in a moment, and one that swallows all there is.
  if (const auto problem = probe_collector(*collector, options.reach, options.timeout)) {
    console.problem(*problem);
    return problem->exit_code;
  }
  const Delivery delivery = deliver(options, *collector, *made, console);
  if (delivery.exit_code != kDelivered || !options.is_verifying) return delivery.exit_code;
  return verify(options, query, delivery.ids, console);
}

int stop(const Stop& stop) {
  std::fprintf(stop.exit_code == 0 ? stdout : stderr, "%s%s", stop.text.c_str(),
               stop.text.ends_with('\n') ? "" : "\n");
  return stop.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = parse_options({argv + 1, argv + argc}, std::getenv("JAEGER_ENDPOINT"));
  if (const auto* end = std::get_if<Stop>(&parsed)) return stop(*end);
  const auto& options = std::get<Options>(parsed);
  // What the library would say, the diagnosis says better.
  if (!options.is_verbose) jtrace::set_log_level(jtrace::LogLevel::off);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets without MSG_NOSIGNAL
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return send(options);
}
