// UiFileReporter: keeps the newest traces in a file that Jaeger's UI can load, the document that its query API gives, too.
//
//   document := {"data":[trace,…],"total":n,"limit":0,"offset":0,"errors":null}
//   trace    := {"traceID":"…","spans":[span,"processID":"p1","warnings":null},…],"processes":{"p1":process},"warnings":null}
//
// A document has its spans by trace, and they come as they are finished. So all of it is held in memory, up to a limit, and written anew
// after each round of spans: to a new file beside it, which then takes its place. Whoever reads it at any time, also after the
// process was killed, finds a whole document; of several tracers that write to one path, that of the last one. Over the limit the
// traces that have been quiet for longest leave it; of a trace that goes on after that the rest is a trace of its own.
//
// Used by the reporter's thread.
#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "jtrace/reporter.h"

namespace jtrace::inline v1::detail {

class UiFileReporter final : public jtrace::Reporter {
 public:
  // As much as a browser takes without complaint, and as is written in some ten milliseconds.
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

  UiFileReporter(std::string path, std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t most_bytes = kMostBytes);

  // Throws std::bad_alloc; a span is in the document as a whole, or not at all.
  void report(std::span<const FinishedSpan> spans) override;
  // Throws std::runtime_error, naming the file, when it cannot be written; the next one has everything again.
  void flush() override;

 private:
  struct Trace {
    std::string id;
    std::string spans;
  };
  using Traces = std::list<Trace>;

  // The text of a span, with a comma before it.
  void add(std::string trace_id, std::string_view span);
  void begin_trace(std::string id, std::string_view span);
  void leave_out_quietest();
  std::size_t size(const Trace& trace) const noexcept;
  std::string document() const;

  const std::string path_;
  const std::string end_;  // of each trace
  const std::size_t most_bytes_;
  Traces traces_;  // the quietest first
  std::map<std::string_view, Traces::iterator> places_;  // by their ids
  std::size_t bytes_ = 0;  // of all traces
};

}  // namespace jtrace::inline v1::detail
