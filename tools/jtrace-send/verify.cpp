#include "verify.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "diagnose.h"
#include "query_api.h"
#include "scenario.h"
#include "text.h"

namespace jtrace_send {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// A choice: enough to keep a query service busy over a network, few enough to be polite.
constexpr std::size_t kMostThreads = 4;
// Of many that are missing, a few tell the story.
constexpr std::size_t kMostShown = 5;
// Between two rounds. Jaeger shows a trace after some 200 ms.
constexpr auto kShortestPause = 20ms;
constexpr auto kLongestPause = 1000ms;

// Runs out when nothing has happened for the time-out. Shared by the threads of a round.
class Patience {
 public:
  explicit Patience(std::chrono::milliseconds time) : time_(time) { renew(); }
  // Relaxed: a time on its own; a little late is fine.
  void renew() { until_.store((Clock::now() + time_).time_since_epoch().count(), std::memory_order_relaxed); }
  Clock::duration left() const {
    return Clock::duration(until_.load(std::memory_order_relaxed)) - Clock::now().time_since_epoch();
  }
  bool is_over() const { return left() <= Clock::duration::zero(); }

 private:
  Clock::duration time_;
  std::atomic<Clock::rep> until_{0};
};

// Tags with which a user's --tags may change the error mark that Jaeger shows.
bool may_change_errors(const Options& options) {
  return std::any_of(options.tags.begin(), options.tags.end(), [](const auto& tag) {
    return tag.first == "error" || tag.first == "otel.status_code" || tag.first == "http.status_code";
  });
}

// No page, no TLS, no host: asking again would not help. A 5xx or silence may pass.
bool is_hopeless(const HttpAnswer& answer) {
  if (!answer.is_http()) return answer.code != CURLE_OPERATION_TIMEDOUT;
  return answer.status < 500;
}

std::string why_no_answer(const HttpAnswer& answer) {
  if (!answer.is_http()) return "the query API did not answer: " + one_line(answer.error);
  return "the query API answered " + std::to_string(answer.status);
}

}  // namespace

// What the threads of one round share.
struct Verifier::Round {
  const std::vector<SentTrace>& traces;
  std::vector<std::uint64_t> pending;  // the places in `traces` that are still asked for
  Patience& patience;
  std::atomic<std::uint64_t>& visible;

  std::atomic<std::size_t> next{0};
  struct Missed {
    std::uint64_t trace;
    std::string why;
  };
  std::mutex lock{};
  std::vector<Missed> missed{};  // under the lock

  void note(std::uint64_t trace, std::string why) {
    if (why.empty()) {
      visible.fetch_add(1,
                        std::memory_order_relaxed);  // relaxed: a number to look at; join() orders the rest
      patience.renew();
      return;
    }
    const std::lock_guard guard(lock);
    if (missed.size() >= kMostShown) why.clear();  // nobody will read it
    missed.push_back({trace, std::move(why)});
  }
};

Verifier::Verifier(const Options& options, Url query)
    : options_(options), query_(std::move(query)), compare_errors_(!may_change_errors(options)) {}

// Empty if the trace is there as it was sent.
std::string Verifier::ask_for(QueryApi& api, const SentTrace& trace) const {
  const LookUp found = api.look_up(trace.id);
  if (!found.is_answer) return why_no_answer(api.last_answer());
  if (!found.trace) return "it is not there";
  const bool fails = is_failing(trace.number, options_.error_rate);
  return options_.tree ? difference(*found.trace, *options_.tree, fails, compare_errors_)
                       : difference(*found.trace, fails, compare_errors_);
}

void Verifier::ask_in_round(Round& round, const Progress& progress) const {
  QueryApi api(query_, options_.timeout, options_.reach);
  for (;;) {
    const std::size_t at = round.next.fetch_add(1, std::memory_order_relaxed);
    if (at >= round.pending.size()) return;
    const std::uint64_t trace = round.pending[at];
    round.note(trace, round.patience.is_over() ? "there was no time left to ask"
                                               : ask_for(api, round.traces[trace]));
    progress(round.visible.load(std::memory_order_relaxed));
  }
}

void Verifier::run_threads(Round& round, const Progress& progress) const {
  const std::size_t helpers = std::min(kMostThreads, round.pending.size()) - 1;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < helpers; ++i) {
    threads.emplace_back([&] { ask_in_round(round, [](std::uint64_t) {}); });
  }
  ask_in_round(round, progress);
}

std::optional<Diagnosis> Verifier::find_api(jtrace::TraceId id) const {
  QueryApi api(query_, options_.timeout, options_.reach);
  if (api.look_up(id).is_answer || !is_hopeless(api.last_answer())) return std::nullopt;
  return explain_query(api.last_answer(), query_);
}

std::vector<Verdict::Missing> Verifier::shown_of(const Round& round,
                                                 const std::vector<SentTrace>& traces) {
  std::vector<Verdict::Missing> shown;
  for (const Round::Missed& missed : round.missed) {
    if (!missed.why.empty()) shown.push_back({traces[missed.trace].id, missed.why});
  }
  return shown;
}

Verdict Verifier::run(const std::vector<SentTrace>& traces, const Progress& progress) const {
  Verdict verdict;
  verdict.wanted = traces.size();
  if (traces.empty()) return verdict;
  verdict.no_api = find_api(traces.front().id);
  if (verdict.no_api) return verdict;

  Patience patience(options_.timeout);
  std::atomic<std::uint64_t> visible{0};
  std::vector<std::uint64_t> pending(traces.size());
  std::iota(pending.begin(), pending.end(), std::uint64_t{0});
  for (Clock::duration pause = kShortestPause;; pause = std::min<Clock::duration>(pause * 2, kLongestPause)) {
    Round round{traces, std::move(pending), patience, visible};
    run_threads(round, progress);
    verdict.visible = visible.load(std::memory_order_relaxed);
    if (round.missed.empty()) return verdict;
    if (patience.left() < 2 * kShortestPause) {
      verdict.missing = shown_of(round, traces);
      return verdict;
    }
    // Shorter and shorter towards the end, so that the last look is close to it.
    const auto rest = std::clamp<Clock::duration>(patience.left() / 2, kShortestPause, pause);
    pending.clear();
    for (const Round::Missed& missed : round.missed) pending.push_back(missed.trace);
    std::this_thread::sleep_for(rest);
  }
}

}  // namespace jtrace_send
