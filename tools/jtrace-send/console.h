// Console: everything that jtrace-send says. Results go to stdout, as text or as one JSON object; problems, and on
// a terminal a line of progress, to stderr. It knows --quiet, --verbose and --json, so that nobody else has to. Used by main() on one
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "diagnosis.h"
#include "jtrace/span_context.h"
#include "jtrace/stats.h"
#include "options.h"
#include "report.h"
#include "url.h"
#include "verify.h"

namespace jtrace_send {

class Console {
 public:
  Console(const Options& options, Url ui);

  void trace(std::uint64_t number, jtrace::TraceId id);
  void totals(const Totals& totals);
  void verdict(const Verdict& verdict, const Url& query, std::chrono::nanoseconds took);
  void problem(const Diagnosis& diagnosis);
  void problem(const std::string& text);
  // With --json: all of it, as the last thing.
  void report(const Report& report);

  // "sent 1,000 of 20,000 traces", at most a few times a second, and wiped when something else is printed.
  void progress(const char* verb, std::uint64_t done);

 private:
  bool tells() const { return !options_.is_quiet && !options_.is_json; }
  bool is_shown(std::uint64_t number) const;
  void wipe_progress();

  const Options& options_;
  std::string trace_page_;  // a link, but for the id
  bool shows_progress_;
  bool has_progress_ = false;
  std::chrono::steady_clock::time_point next_progress_{};
};

}  // namespace jtrace_send
