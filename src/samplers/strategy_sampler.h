// StrategySampler: samples by a Strategy, which may be exchanged while it is asked.
//
//   probabilistic   the id against the rate                              tags probabilistic, rate
//   rate limiting   a credit of the limiter                              tags ratelimiting, traces per second
//   per operation   the id against the operation's rate; if that says    tags probabilistic, rate
//                   no, a credit of the operation's own limiter          tags lowerbound, rate
//
// Operations have their places in a table, by a hash of their names: those that the strategy lists, and others from the first time
// that they are asked about, as long as there is room. Without a place an operation is sampled by the default rate alone.
//
//   current ──▶ table A    what callers read, and where they add names
//               table B    what adopt() fills next, with the balances of A, and then makes current
//
// Thread safety: decide() by any number of threads, without lock or heap; adopt() by one at a time. Invariant: tables are never freed
// and hold atomic words only, so a caller that slept through two exchanges reads numbers of different strategies at worst.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "jtrace/sampler.h"
#include "samplers/rate_limiter.h"
#include "samplers/strategy.h"

namespace jtrace::inline v1::detail {

std::int64_t monotonic_clock() noexcept;

class StrategySampler final : public v1::Sampler {
 public:
  using Now = std::int64_t (*)() noexcept;

  // Without memory for so many operations there is a place for none.
  explicit StrategySampler(const Strategy& first, std::size_t max_operations = 0, Now now = monotonic_clock) noexcept;

  SamplingDecision decide(TraceId trace_id, std::string_view operation) noexcept override;

  // Limiters stay as full as they are, in proportion.
  void adopt(const Strategy& strategy) noexcept;

 private:
  struct Place {
    std::atomic<std::uint64_t> name{0};  // its hash; 0: free
    std::atomic<double> rate{kDefault};
    RateLimiter limiter;
  };
  struct Table {
    // Relaxed: published by `current_`.
    std::atomic<Strategy::Type> type{};
    std::atomic<double> rate{}, per_second{};
    RateLimiter limiter;
    std::atomic<std::size_t> taken{0};
    std::unique_ptr<Place[]> places;
  };
  static constexpr double kDefault = -1;

  void allocate(Table& table) noexcept;
  void fill(Table& table, const Strategy& strategy, const Table& before) noexcept;
  void keep_places(Table& table, const Table& before) noexcept;
  Place* place_of(Table& table, std::uint64_t name) noexcept;
  Place* take(Table& table, Place& place, std::uint64_t name) noexcept;
  SamplingDecision decide_for(Table& table, Place& place, std::uint64_t trace_low) noexcept;

  const Now now_;
  const std::size_t max_operations_;
  std::size_t place_count_ = 0;  // a power of two, or 0
  Table tables_[2];
  std::atomic<Table*> current_{&tables_[0]};
};

}  // namespace jtrace::inline v1::detail
