// What the ingest port met, in words and as JSON: the lines `faults: …` and `tee: …` on stdout, and /api/faults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fault_plan.h"
#include "tee.h"

namespace jtrace::collector {

struct FaultReport {
  std::uint64_t seed = 0;
  std::string faults;  // as on the command line
  FaultCounts counts;
  std::uint64_t accepted_spans = 0;  // in accepted requests, those sent twice not counted
  std::optional<TeeCounts> tee;      // without --tee, nothing
};

// One object, ending in a newline.
std::string to_json(const FaultReport& report);

// Lines for the end of a run; empty when there were neither faults nor a tee.
std::string to_lines(const FaultReport& report);

}  // namespace jtrace::collector
