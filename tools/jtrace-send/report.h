// Report: what a run came to, for machines: one JSON object on one line. docs/jtrace-send.md describes its members, which are
// only ever added to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "jtrace/span_context.h"
#include "jtrace/stats.h"
#include "latencies.h"

namespace jtrace_send {

struct Totals {
  std::uint64_t traces = 0;  // emitted
  jtrace::Stats stats;
  std::chrono::nanoseconds took{};
  Latencies flushes;
};

struct Report {
  std::string endpoint;  // without secrets
  std::optional<std::uint64_t> wanted;
  Totals totals;
  std::vector<jtrace::TraceId> ids;  // the first ones
  struct Verified {
    std::string query;  // without secrets
    std::uint64_t visible = 0, wanted = 0;
  };
  std::optional<Verified> verified;
  std::optional<Diagnosis> problem;
  int exit_code = 0;
};

std::string json_of(const Report& report);

}  // namespace jtrace_send
