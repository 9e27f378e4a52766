#include "report.h"

#include <nlohmann/json.hpp>

namespace jtrace_send {
namespace {

using nlohmann::ordered_json;

double milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

ordered_json spans_of(const jtrace::Stats& stats) {
  return {{"finished", stats.finished},
          {"acknowledged", stats.acknowledged},
          {"failed", stats.failed()},
          {"dropped", stats.dropped()},
          {"queued", stats.queued}};
}

ordered_json failures_of(const jtrace::Stats& stats) {
  const auto& failed = stats.failures;
  return {{"unreachable", failed.unreachable},
          {"timeout", failed.timeout},
          {"rejected", failed.rejected},
          {"server_error", failed.server_error},
          {"aborted", failed.aborted}};
}

ordered_json drops_of(const jtrace::Stats& stats) {
  const auto& drops = stats.drops;
  return {{"queue_full", drops.queue_full},
          {"open_limit", drops.open_limit},
          {"too_large", drops.too_large},
          {"closed", drops.closed},
          {"reentrant", drops.reentrant}};
}

ordered_json latencies_of(const Latencies& flushes) {
  return {{"count", flushes.count()},
          {"p50", milliseconds(flushes.percentile(50))},
          {"p90", milliseconds(flushes.percentile(90))},
          {"p99", milliseconds(flushes.percentile(99))},
          {"max", milliseconds(flushes.percentile(100))}};
}

ordered_json ids_of(const std::vector<jtrace::TraceId>& ids) {
  ordered_json list = ordered_json::array();
  for (const jtrace::TraceId& id : ids) list.push_back(id.hex().str());
  return list;
}

}  // namespace

std::string json_of(const Report& report) {
  const jtrace::Stats& stats = report.totals.stats;
  const double seconds = std::chrono::duration<double>(report.totals.took).count();
  ordered_json object = {
      {"endpoint", report.endpoint},
      {"traces", {{"wanted", nullptr}, {"emitted", report.totals.traces}, {"ids", ids_of(report.ids)}}},
      {"spans", spans_of(stats)},
      {"failures", failures_of(stats)},
      {"drops", drops_of(stats)},
      {"batches", stats.batches},
      {"bytes", stats.bytes},
      {"seconds", seconds},
      {"spans_per_second", seconds > 0 ? static_cast<double>(stats.acknowledged) / seconds : 0.0},
      {"flush_milliseconds", latencies_of(report.totals.flushes)},
      {"verified", nullptr},
      {"problem", nullptr},
      {"exit_code", report.exit_code},
  };
  if (report.wanted) object["traces"]["wanted"] = *report.wanted;
  if (const auto& verified = report.verified)
    object["verified"] = {{"query", verified->query}, {"wanted", verified->wanted}, {"visible", verified->visible}};
  if (const auto& problem = report.problem) object["problem"] = {{"what", problem->problem}, {"advice", problem->advice}};
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace jtrace_send
