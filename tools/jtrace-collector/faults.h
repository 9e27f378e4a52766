// The faults that a user may ask for, as values: what --fail, --latency, --stall, --reset-after, --drip and --down-for
// say.
//
// `parse_options` makes them from the command line, tests make them by hand; FaultPlan (fault_plan.h) decides by them.
// A probability of 0 means never, 1 always. A default FaultOptions asks for nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jtrace::collector {

// An answer instead of the one that the request would get; nothing of the request is kept.
struct FailRule {
  int status = 503;
  double probability = 1;
  std::string header_name;  // empty: no header
  std::string header_value;
};

// So long an answer waits: evenly spread from `least` to `most`.
struct Latency {
  std::chrono::milliseconds least{0};
  std::chrono::milliseconds most{0};
};

// A connection is reset as soon as more bytes than `after` came of its request.
struct ResetRule {
  std::size_t after = 0;
  double probability = 0;
};

struct FaultOptions {
  std::vector<FailRule> fails;  // asked in their order; the first that comes up answers
  Latency latency;
  double stall = 0;  // probability that a connection is accepted and never read
  ResetRule reset;
  double drip = 0;  // probability that an answer is sent byte by byte
  std::chrono::milliseconds drip_pause{1000};  // between two bytes
  std::chrono::milliseconds down_for{0};       // from the start on, connections are refused
  std::uint64_t seed = 0;                      // decides by chance, the same way in every run

  // Is there anything that happens to connections rather than to requests?
  bool on_connections() const { return stall > 0 || reset.probability > 0 || drip > 0 || down_for.count() > 0; }
  bool any() const { return on_connections() || !fails.empty() || latency.most.count() > 0; }
};

// What each parser takes, for messages.
inline constexpr char kFailForm[] =
    "STATUS[:PROBABILITY][@HEADER=VALUE] with a status from 300 to 599, such as 503, 503:0.1 or 429@Retry-After=2";
inline constexpr char kLatencyForm[] = "a period or a range of periods, such as 200ms or 50ms..200ms";
inline constexpr char kResetForm[] = "SIZE[:PROBABILITY], such as 10KB or 10KB:0.1";
inline constexpr char kProbabilityForm[] = "a probability above 0 and at most 1";

std::optional<FailRule> parse_fail(const std::string& text);
std::optional<Latency> parse_latency(const std::string& text);
std::optional<ResetRule> parse_reset(const std::string& text);

// The options in the words of the command line: `--fail 503:0.1 --stall`. Empty when there is no fault.
std::string to_text(const FaultOptions& options);

}  // namespace jtrace::collector
