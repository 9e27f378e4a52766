// FaultPlan: which request and which connection meets which fault, and how many did.
//
// Chance comes from the seed: the n-th request and the n-th connection meet the same fault in every run with the same
// options and seed, whatever happens between them. The ingest port (ingest_port.h) asks and counts from its threads;
// /api/faults and the totals at the end read the counts. All methods may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "faults.h"

namespace jtrace::collector {

// Requests are those that arrived whole; each ends as exactly one of accepted, refused or failed.
struct FaultCounts {
  std::uint64_t requests = 0;
  std::uint64_t accepted = 0;                // answered with 202, and kept
  std::uint64_t refused = 0;                 // answered with another status because of what they were
  std::map<int, std::uint64_t> failed;       // by --fail, for each status
  std::uint64_t delayed = 0;                 // by --latency
  std::uint64_t stalled = 0;                 // connections
  std::uint64_t reset = 0;                   // connections
  std::uint64_t dripped = 0;                 // answers
};

class FaultPlan {
 public:
  struct RequestFate {
    std::chrono::milliseconds wait{0};
    std::optional<FailRule> fail;
  };
  struct ConnectionFate {
    bool stalls = false;
    bool drips = false;
    std::optional<std::size_t> reset_after;
    std::chrono::milliseconds drip_pause{0};
  };

  explicit FaultPlan(FaultOptions options);

  RequestFate next_request();  // counts the request
  ConnectionFate next_connection();

  void count_accepted() { count(&FaultCounts::accepted); }
  void count_refused() { count(&FaultCounts::refused); }
  void count_failed(int status);
  void count_delayed() { count(&FaultCounts::delayed); }
  void count_stalled() { count(&FaultCounts::stalled); }
  void count_reset() { count(&FaultCounts::reset); }
  void count_dripped() { count(&FaultCounts::dripped); }
  FaultCounts counts() const;

  // From here on by other options, for tests that change the weather; the counts go on. `down_for` has no effect
  // any more, and faults of connections only if the port was opened with some.
  void change(FaultOptions options);
  FaultOptions options() const;

 private:
  enum class Die : std::uint64_t { kLatency = 1, kStall, kReset, kDrip, kFail };  // kFail + i for the i-th rule

  void count(std::uint64_t FaultCounts::* counter);
  double roll(std::uint64_t die, std::uint64_t turn) const;
  bool comes_up(double probability, std::uint64_t die, std::uint64_t turn) const;
  std::chrono::milliseconds roll_latency(std::uint64_t turn) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  FaultOptions options_;
  FaultCounts counts_;
  std::uint64_t connections_ = 0;
};

}  // namespace jtrace::collector
