// Verifier: asks the query API again and again until every trace is there as it was sent, or nothing new has
// become visible for the time-out. A few threads ask in rounds, each round for what is still missing; main()
// makes one, runs it once and prints the Verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "jtrace/span_context.h"
#include "options.h"
#include "url.h"

namespace jtrace_send {

class QueryApi;

// The number decides what is in the trace.
struct SentTrace {
  std::uint64_t number;
  jtrace::TraceId id;
};

struct Verdict {
  std::uint64_t visible = 0;  // whole and as sent
  std::uint64_t wanted = 0;
  // Some of those that are not, with what was seen last.
  struct Missing {
    jtrace::TraceId id;
    std::string why;
  };
  std::vector<Missing> missing;
  // Set if there was no query API to ask.
  std::optional<Diagnosis> no_api;

  bool is_good() const { return visible == wanted; }
};

class Verifier {
 public:
  using Progress = std::function<void(std::uint64_t visible)>;  // called on the thread of run()

  Verifier(const Options& options, Url query);

  Verdict run(const std::vector<SentTrace>& traces, const Progress& progress) const;

 private:
  struct Round;
  std::optional<Diagnosis> find_api(jtrace::TraceId id) const;
  static std::vector<Verdict::Missing> shown_of(const Round& round,
                                                const std::vector<SentTrace>& traces);
  void run_threads(Round& round, const Progress& progress) const;
  void ask_in_round(Round& round, const Progress& progress) const;
  std::string ask_for(QueryApi& api, const SentTrace& trace) const;

  const Options& options_;
  Url query_;
  bool compare_errors_;
};

}  // namespace jtrace_send
