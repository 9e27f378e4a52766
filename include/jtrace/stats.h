// Stats: what happened to each span of a tracer, counted.
//
// The law, exact whenever no span is being started or finished:
//   finished = acknowledged + dropped() + failed() + queued
// `queued` is counted from the queue and the batches under way, not derived from the others. Counters grow from the
// tracer's start; in a forked child they begin at zero.
#pragma once

#include <cstdint>
#include <string>

#include "jtrace/detail/export.h"

namespace jtrace::inline v1 {

struct Stats {
  std::uint64_t started = 0;      // sampled spans that were started
  std::uint64_t not_sampled = 0;  // spans that the sampler did not keep
  std::uint64_t finished = 0;     // sampled spans that were finished
  std::uint64_t acknowledged = 0; // in a batch that was answered with 2xx and no page
  std::uint64_t queued = 0;       // waiting in the queue or in a batch under way

  struct Dropped {                // never in a batch that was sent
    std::uint64_t queue_full = 0; // the queue had no room (max_queue_bytes)
    std::uint64_t open_limit = 0; // too many spans open at once (max_open_bytes, or threads)
    std::uint64_t too_large = 0;  // one span alone larger than a batch may be
    std::uint64_t closed = 0;     // finished after close(), or after the process's exit flush
    std::uint64_t reentrant = 0;  // from a signal handler or an allocator that interrupted jtrace itself
  } drops;

  struct Failed {                    // in a batch that was not accepted, for this reason the last time
    std::uint64_t unreachable = 0;   // no connection: refused, unknown host, TLS
    std::uint64_t timeout = 0;       // no answer in time
    std::uint64_t rejected = 0;      // 4xx, or any other answer that is not a success
    std::uint64_t server_error = 0;  // 5xx
    std::uint64_t aborted = 0;       // still under way when close() or the exit flush ran out of time
  } failures;

  // Beside the law.
  std::uint64_t cut = 0;             // spans delivered without all of their data (max_span_bytes, max_open_bytes)
  std::uint64_t finished_twice = 0;  // finish() calls on a finished span
  std::uint64_t inherited = 0;       // spans that this process inherited by a fork and ignored, whatever their tracer
  std::uint64_t baggage_dropped = 0; // baggage items over a limit, not allowed, or without memory
  std::uint64_t batches = 0;         // sent, with a final status; not those that went over max_pending_bytes
  std::uint64_t bytes = 0;           // their bodies, in bytes
  std::uint64_t retries = 0;         // attempts that failed and were to be followed by another

  // Of the sampler. A server that cannot be asked, or whose answer makes no sense, changes nothing: the last strategy counts.
  struct Results {
    std::uint64_t ok = 0, err = 0;
  };
  Results sampler_queries;           // answers of the sampling server, and polls that got none
  Results sampler_updates;           // strategies that took the place of another, and answers that were no strategy
  std::uint64_t sampler_errors = 0;  // traces that were not kept since a sampler of the user's own threw
  std::uint64_t hook_dropped = 0;    // by the finish hook, or since it threw; one of the drops, never in a batch
  std::uint64_t reporter_errors = 0; // spans that a reporter beside the collector did not take, and flushes that failed there

  std::uint64_t span_context_decoding_errors = 0;  // headers of a context, or members of them, that could not be read

  // Traces by their first span here: one that begins the trace, or one whose parent is in another process, by its extracted context.
  // Where sampling.priority turned that span, by what it said.
  struct Traces {
    std::uint64_t sampled = 0, not_sampled = 0;
  };
  Traces traces_started;
  Traces traces_joined;

  Results baggage_updates;                // items that were set on a span, and those that were refused
  std::uint64_t baggage_truncations = 0;  // items that were set, with a part of their value

  std::uint64_t dropped() const noexcept {
    return drops.queue_full + drops.open_limit + drops.too_large + drops.closed + drops.reentrant + hook_dropped;
  }
  std::uint64_t failed() const noexcept {
    return failures.unreachable + failures.timeout + failures.rejected + failures.server_error + failures.aborted;
  }
  bool is_balanced() const noexcept { return finished == acknowledged + dropped() + failed() + queued; }

  // All of it in Prometheus's text format, version 0.0.4, by the names that Jaeger's clients have for it where they have one:
  // jaeger_tracer_reporter_spans_total{result="ok"}. `labels` are added to each, as `key="value"` with commas between
  // them. Throws std::bad_alloc.
  JTRACE_API std::string to_prometheus(const std::string& labels = {}) const;
};

}  // namespace jtrace::inline v1
