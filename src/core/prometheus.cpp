#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "jtrace/stats.h"

namespace jtrace::inline v1 {
namespace {

struct Sample {
  std::string_view labels;
  std::uint64_t value;
};

class Page {
 public:
  explicit Page(std::string_view labels) : labels_(labels) {}

  void counter(std::string_view name, std::string_view help, std::initializer_list<Sample> samples) {
    family(name, "_total", "counter", help, samples);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) { family(name, "", "gauge", help, {{{}, value}}); }
  std::string text() && { return std::move(text_); }

 private:
  void family(std::string_view name, std::string_view ending, std::string_view type, std::string_view help,
              std::initializer_list<Sample> samples) {
    put({"# HELP ", name, ending, " ", help, "\n# TYPE ", name, ending, " ", type, "\n"});
    for (const Sample& sample : samples) {
      put({name, ending});
      if (!sample.labels.empty() || !labels_.empty())
        put({"{", sample.labels, sample.labels.empty() || labels_.empty() ? "" : ",", labels_, "}"});
      char digits[24];
      put({" ", {digits, std::to_chars(digits, digits + sizeof digits, sample.value).ptr}, "\n"});
    }
  }
  void put(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
  }

  const std::string_view labels_;
  std::string text_;
};

}  // namespace

std::string Stats::to_prometheus(const std::string& labels) const {
  Page page(labels);
  page.counter("jaeger_tracer_started_spans", "Spans that were started", {{R"(sampled="y")", started}, {R"(sampled="n")", not_sampled}});
  page.counter("jaeger_tracer_finished_spans", "Sampled spans that were finished", {{R"(sampled="y")", finished}});
  page.counter("jaeger_tracer_traces", "Traces by their first span here: begun here, or by a parent in another process",
               {{R"(state="started",sampled="y")", traces_started.sampled},
                {R"(state="started",sampled="n")", traces_started.not_sampled},
                {R"(state="joined",sampled="y")", traces_joined.sampled},
                {R"(state="joined",sampled="n")", traces_joined.not_sampled}});
  page.counter("jaeger_tracer_reporter_spans", "What became of finished spans",
               {{R"(result="ok")", acknowledged},
                {R"(result="err",reason="unreachable")", failures.unreachable},
                {R"(result="err",reason="timeout")", failures.timeout},
                {R"(result="err",reason="rejected")", failures.rejected},
                {R"(result="err",reason="server_error")", failures.server_error},
                {R"(result="err",reason="aborted")", failures.aborted},
                {R"(result="dropped",reason="queue_full")", drops.queue_full},
                {R"(result="dropped",reason="open_limit")", drops.open_limit},
                {R"(result="dropped",reason="too_large")", drops.too_large},
                {R"(result="dropped",reason="closed")", drops.closed},
                {R"(result="dropped",reason="reentrant")", drops.reentrant},
                {R"(result="dropped",reason="hook")", hook_dropped}});
  page.gauge("jaeger_tracer_reporter_queue_length", "Finished spans that wait or are under way", queued);
  page.counter("jaeger_tracer_sampler_queries", "Answers of the sampling server, and polls without one",
               {{R"(result="ok")", sampler_queries.ok}, {R"(result="err")", sampler_queries.err}});
  page.counter("jaeger_tracer_sampler_updates", "New sampling strategies, and answers that were none",
               {{R"(result="ok")", sampler_updates.ok}, {R"(result="err")", sampler_updates.err}});
  page.counter("jtrace_sampler_errors", "Traces not kept since a sampler of the program's own threw", {{{}, sampler_errors}});
  page.counter("jtrace_reporter_errors", "Spans that a reporter beside the collector did not take", {{{}, reporter_errors}});
  page.counter("jtrace_cut_spans", "Spans delivered without all of their data", {{{}, cut}});
  page.counter("jtrace_finished_twice", "Calls of finish() on a finished span", {{{}, finished_twice}});
  page.counter("jtrace_inherited_spans", "Spans that a fork brought here and that were ignored", {{{}, inherited}});
  page.counter("jtrace_baggage_dropped", "Baggage items that were not set or not passed on", {{{}, baggage_dropped}});
  page.counter("jaeger_tracer_baggage_updates", "Baggage items that were set on a span, and those that were refused",
               {{R"(result="ok")", baggage_updates.ok}, {R"(result="err")", baggage_updates.err}});
  page.counter("jaeger_tracer_baggage_truncations", "Baggage items that were set with a part of their value", {{{}, baggage_truncations}});
  page.counter("jaeger_tracer_span_context_decoding_errors", "Headers of contexts that could not be read",
               {{{}, span_context_decoding_errors}});
  page.counter("jtrace_batches", "Batches sent, with a final status", {{{}, batches}});
  page.counter("jtrace_batch_bytes", "Their bodies, in bytes", {{{}, bytes}});
  page.counter("jtrace_retries", "Attempts that failed and were to be followed by another", {{{}, retries}});
  return std::move(page).text();
}

}  // namespace jtrace::inline v1
