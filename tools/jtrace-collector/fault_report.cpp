#include "fault_report.h"

#include <nlohmann/json.hpp>

namespace jtrace::collector {
namespace {

using Json = nlohmann::ordered_json;

std::string count(std::uint64_t number, const char* of_what) { return std::to_string(number) + " " + of_what; }

// " (503: 12, 429: 3)"
std::string by_status(const std::map<int, std::uint64_t>& failed) {
  std::string text;
  for (const auto& [status, number] : failed) {
    text += (text.empty() ? " (" : ", ") + std::to_string(status) + ": " + std::to_string(number);
  }
  return text.empty() ? text : text + ")";
}

std::uint64_t sum(const std::map<int, std::uint64_t>& failed) {
  std::uint64_t all = 0;
  for (const auto& [status, number] : failed) all += number;
  return all;
}

}  // namespace

std::string to_json(const FaultReport& report) {
  const FaultCounts& counts = report.counts;
  Json failed = Json::object();
  for (const auto& [status, number] : counts.failed) failed[std::to_string(status)] = number;
  Json json = {{"seed", report.seed},
               {"options", report.faults},
               {"requests", counts.requests},
               {"accepted", counts.accepted},
               {"accepted_spans", report.accepted_spans},
               {"refused", counts.refused},
               {"failed", failed},
               {"delayed", counts.delayed},
               {"stalled", counts.stalled},
               {"reset", counts.reset},
               {"dripped", counts.dripped}};
  if (report.tee) {
    json["tee"] = {{"passed", report.tee->passed}, {"failed", report.tee->failed}, {"dropped", report.tee->dropped}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_lines(const FaultReport& report) {
  std::string lines;
  const FaultCounts& counts = report.counts;
  if (!report.faults.empty()) {
    lines += "faults: " + count(counts.requests, "requests: ") + count(counts.accepted, "accepted (") +
             count(report.accepted_spans, "spans), ") + count(counts.refused, "refused, ") +
             count(sum(counts.failed), "failed") + by_status(counts.failed) + "; " + count(counts.delayed, "delayed, ") +
             count(counts.stalled, "stalled, ") + count(counts.reset, "reset, ") + count(counts.dripped, "dripped\n");
  }
  if (report.tee) {
    lines += "tee: " + count(report.tee->passed, "passed on, ") + count(report.tee->failed, "failed, ") +
             count(report.tee->dropped, "dropped\n");
  }
  return lines;
}

}  // namespace jtrace::collector
