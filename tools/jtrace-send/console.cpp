#include "console.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "text.h"

namespace jtrace_send {
namespace {

using namespace std::chrono_literals;

// So many ids are looked at by a person; more are for --verbose.
constexpr std::uint64_t kMostShown = 10;

constexpr const char* kNotVisibleAdvice =
    "They were acknowledged, but Jaeger does that before it stores: it may need more time (--timeout), keep "
    "the latest "
    "traces only, or drop some under load. Is this the query API of that collector?";

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
}

// The links hold no secrets, though the addresses that were given may.
std::string trace_page(Url ui) {
  ui.credentials.clear();
  ui.path += "/trace/";
  return ui.text();
}

struct Reason {
  std::uint64_t count;
  const char* name;
};

std::string list_of(std::initializer_list<Reason> reasons) {
  std::string list;
  for (const Reason& reason : reasons) {
    if (reason.count == 0) continue;
    list += (list.empty() ? " (" : ", ") + std::string(reason.name) + " " + with_separators(reason.count);
  }
  return list.empty() ? list : list + ")";
}

std::string failures_of(const jtrace::Stats& stats) {
  const auto& failed = stats.failures;
  return with_separators(stats.failed()) + " failed" +
         list_of({{failed.unreachable, "unreachable"},
                  {failed.timeout, "timeout"},
                  {failed.rejected, "rejected"},
                  {failed.server_error, "server error"},
                  {failed.aborted, "aborted"}});
}

std::string drops_of(const jtrace::Stats& stats) {
  const auto& drops = stats.drops;
  return with_separators(stats.dropped()) + " dropped" +
         list_of({{drops.queue_full, "queue full"},
                  {drops.open_limit, "open limit"},
                  {drops.too_large, "too large"},
                  {drops.closed, "closed"},
                  {drops.reentrant, "reentrant"}});
}

std::string rate_of(std::uint64_t spans, std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  if (seconds <= 0) return "";
  return " (" + with_separators(static_cast<std::uint64_t>(static_cast<double>(spans) / seconds)) +
         " spans/s)";
}

std::string latencies_of(const Latencies& flushes) {
  return with_separators(flushes.count()) + " flushes" + " answered after p50 " + readable(flushes.percentile(50)) + ", p90 " +
         readable(flushes.percentile(90)) + ", p99 " + readable(flushes.percentile(99)) + ", at most " +
         readable(flushes.percentile(100));
}

}  // namespace

Console::Console(const Options& options, Url ui)
    : options_(options),
      trace_page_(trace_page(std::move(ui))),
      shows_progress_(!options.is_quiet && isatty(STDERR_FILENO) != 0) {}

bool Console::is_shown(std::uint64_t number) const {
  return tells() && (options_.is_verbose || number < kMostShown);
}

void Console::trace(std::uint64_t number, jtrace::TraceId id) {
  if (is_shown(number)) {
    wipe_progress();
    const std::string hex = id.hex().str();
    print("trace " + hex + "  " + trace_page_ + hex);
  }
  if (!tells() || options_.is_verbose || number != kMostShown) return;
  const std::string rest = options_.duration ? "more traces" : count_of(options_.traces - kMostShown, "trace") + " more";
  print("and " + rest + " (--verbose prints every id)");
}

void Console::totals(const Totals& totals) {
  if (!tells()) return;
  wipe_progress();
  const jtrace::Stats& stats = totals.stats;
  std::string line = count_of(totals.traces, "trace");
  if (totals.traces < options_.traces && !options_.duration) line += " of " + with_separators(options_.traces);
  line += ", " + count_of(stats.finished, "span") + ": " + with_separators(stats.acknowledged) +
          " acknowledged, " + failures_of(stats);
  if (stats.dropped() != 0) line += ", " + drops_of(stats);
  if (stats.queued != 0) line += ", " + with_separators(stats.queued) + " still waiting";
  print(line + ", in " + readable(totals.took) + rate_of(stats.acknowledged, totals.took));
  if (totals.flushes.count() > 1) print(latencies_of(totals.flushes));
}

void Console::verdict(const Verdict& verdict, const Url& query, std::chrono::nanoseconds took) {
  wipe_progress();
  if (verdict.is_good()) {
    if (tells())
      print("verified: " + count_of(verdict.visible, "trace") + " visible and whole at " + query.shown() +
            " after " + readable(took));
    return;
  }
  problem("only " + with_separators(verdict.visible) + " of " + count_of(verdict.wanted, "trace") +
          " visible and whole at " + query.shown() + " after " + readable(took) + ".");
  for (const Verdict::Missing& missing : verdict.missing)
    std::fprintf(stderr, "  %s: %s\n", missing.id.hex().c_str(), missing.why.c_str());
  const std::uint64_t unnamed = verdict.wanted - verdict.visible - verdict.missing.size();
  if (unnamed != 0) std::fprintf(stderr, "  and %s more\n", count_of(unnamed, "trace").c_str());
  std::fprintf(stderr, "  %s\n", kNotVisibleAdvice);
}

void Console::problem(const Diagnosis& diagnosis) {
  problem(diagnosis.problem);
  std::fprintf(stderr, "  %s\n", diagnosis.advice.c_str());
}

void Console::problem(const std::string& text) {
  wipe_progress();
  std::fflush(stdout);  // what was said before stands before it, where both go to one place
  std::fprintf(stderr, "jtrace-send: %s\n", text.c_str());
}

void Console::report(const Report& report) {
  wipe_progress();
  if (options_.is_json) print(json_of(report));
}

void Console::progress(const char* verb, std::uint64_t done) {
  if (!shows_progress_) return;
  const auto now = std::chrono::steady_clock::now();
  // The first line waits, too: what is done in a moment needs none.
  if (next_progress_ == decltype(next_progress_){}) next_progress_ = now + 300ms;
  if (now < next_progress_) return;
  next_progress_ = now + 200ms;
  has_progress_ = true;
  const bool is_bounded = options_.traces != Options::kUnbounded;
  const std::string of = is_bounded ? " of " + with_separators(options_.traces) : "";
  std::fprintf(stderr, "\r\033[K%s %s%s traces", verb, with_separators(done).c_str(), of.c_str());
}

void Console::wipe_progress() {
  if (!std::exchange(has_progress_, false)) return;
  std::fputs("\r\033[K", stderr);
}

}  // namespace jtrace_send
