#include "fault_plan.h"

#include <cmath>
#include <utility>

namespace jtrace::collector {
namespace {

// SplitMix64's finish: spreads every bit of the number over all of the result.
std::uint64_t mix(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31);
}

}  // namespace

FaultPlan::FaultPlan(FaultOptions options) : options_(std::move(options)) {}

// From 0 up to, but not including, 1. A function of seed, die and turn, so that threads cannot disturb each other's.
double FaultPlan::roll(std::uint64_t die, std::uint64_t turn) const {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;
  const std::uint64_t bits = mix(mix(mix(options_.seed + kGolden) + die * kGolden) + turn * kGolden);
  return std::ldexp(static_cast<double>(bits >> 11), -53);
}

bool FaultPlan::comes_up(double probability, std::uint64_t die, std::uint64_t turn) const {
  return probability > 0 && roll(die, turn) < probability;
}

std::chrono::milliseconds FaultPlan::roll_latency(std::uint64_t turn) const {
  const auto [least, most] = options_.latency;
  const auto span = static_cast<double>((most - least).count() + 1);
  const double share = roll(static_cast<std::uint64_t>(Die::kLatency), turn);
  return least + std::chrono::milliseconds(static_cast<std::int64_t>(share * span));
}

FaultPlan::RequestFate FaultPlan::next_request() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t turn = counts_.requests++;
  RequestFate fate{roll_latency(turn), std::nullopt};
  auto die = static_cast<std::uint64_t>(Die::kFail);
  for (const FailRule& rule : options_.fails) {
    if (comes_up(rule.probability, die++, turn)) {
      fate.fail = rule;
      break;
    }
  }
  return fate;
}

FaultPlan::ConnectionFate FaultPlan::next_connection() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t turn = connections_++;
  const auto happens = [&](double probability, Die die) {
    return comes_up(probability, static_cast<std::uint64_t>(die), turn);
  };
  ConnectionFate fate;
  fate.stalls = happens(options_.stall, Die::kStall);
  fate.drips = happens(options_.drip, Die::kDrip);
  fate.drip_pause = options_.drip_pause;
  if (happens(options_.reset.probability, Die::kReset)) fate.reset_after = options_.reset.after;
  return fate;
}

void FaultPlan::count(std::uint64_t FaultCounts::* counter) {
  const std::lock_guard lock(mutex_);
  ++(counts_.*counter);
}

void FaultPlan::count_failed(int status) {
  const std::lock_guard lock(mutex_);
  ++counts_.failed[status];
}

FaultCounts FaultPlan::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void FaultPlan::change(FaultOptions options) {
  const std::lock_guard lock(mutex_);
  options_ = std::move(options);
}

FaultOptions FaultPlan::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

}  // namespace jtrace::collector
