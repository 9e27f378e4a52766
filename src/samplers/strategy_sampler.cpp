#include "samplers/strategy_sampler.h"

#include <time.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <new>
#include <string_view>

#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr std::size_t kFarthest = 64;  // from where its hash says that a name is

// Names are told apart by 64 bits of hash: two of 2,000 share a place once in 10^13 services.
std::uint64_t hash(std::string_view name) noexcept { return std::max<std::uint64_t>(std::hash<std::string_view>()(name), 1); }

SamplingDecision by_id(double rate, std::uint64_t trace_low) noexcept {
  return {.sampled = Sampler::probabilistic(rate).keeps(trace_low), .type = "probabilistic", .param = rate};
}

}  // namespace

std::int64_t monotonic_clock() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

StrategySampler::StrategySampler(const Strategy& first, std::size_t max_operations, Now now) noexcept
    : now_(now), max_operations_(max_operations) {
  if (max_operations != 0) {
    place_count_ = std::bit_ceil(max_operations * 2);
    for (Table& table : tables_) allocate(table);
  }
  fill(tables_[0], first, tables_[1]);
}

void StrategySampler::allocate(Table& table) noexcept {
  if (place_count_ != 0) table.places.reset(new (std::nothrow) Place[place_count_]);
  if (!table.places) place_count_ = 0;
}

SamplingDecision StrategySampler::decide(TraceId trace_id, std::string_view operation) noexcept {
  Table& table = *current_.load(std::memory_order_acquire);  // pairs with the release in adopt
  const Strategy::Type type = table.type.load(kRelaxed);
  if (type == Strategy::Type::rate_limiting) {
    const double per_second = table.per_second.load(kRelaxed);
    return {.sampled = table.limiter.take(per_second, now_()), .type = "ratelimiting", .param = per_second};
  }
  Place* place = type == Strategy::Type::per_operation ? place_of(table, hash(operation)) : nullptr;
  return place ? decide_for(table, *place, trace_id.low) : by_id(table.rate.load(kRelaxed), trace_id.low);
}

// The limiter pays for what the rate keeps, too: it guarantees what the rate alone does not give.
SamplingDecision StrategySampler::decide_for(Table& table, Place& place, std::uint64_t trace_low) noexcept {
  const double own = place.rate.load(kRelaxed);
  const double rate = own == kDefault ? table.rate.load(kRelaxed) : own;
  const SamplingDecision chosen = by_id(rate, trace_low);
  const bool has_credit = place.limiter.take(table.per_second.load(kRelaxed), now_());
  if (chosen.sampled) return chosen;
  return {.sampled = has_credit, .type = "lowerbound", .param = rate};
}

// Found, or added; null if there is no room.
StrategySampler::Place* StrategySampler::place_of(Table& table, std::uint64_t name) noexcept {
  const std::size_t farthest = std::min(kFarthest, place_count_);
  for (std::size_t i = 0; i < farthest; ++i) {
    Place& place = table.places[(name + i) & (place_count_ - 1)];
    const std::uint64_t found = place.name.load(kRelaxed);
    if (found == name) return &place;
    if (found != 0) continue;
    if (table.taken.load(kRelaxed) >= max_operations_) return nullptr;
    if (Place* taken = take(table, place, name)) return taken;
  }
  return nullptr;
}

// Null: another thread's name is there now, or that was the last room.
StrategySampler::Place* StrategySampler::take(Table& table, Place& place, std::uint64_t name) noexcept {
  if (table.taken.fetch_add(1, kRelaxed) < max_operations_) {
    std::uint64_t found = 0;
    if (place.name.compare_exchange_strong(found, name, kRelaxed)) return &place;
    if (found == name) {
      table.taken.fetch_sub(1, kRelaxed);
      return &place;
    }
  }
  table.taken.fetch_sub(1, kRelaxed);
  return nullptr;
}

void StrategySampler::adopt(const Strategy& strategy) noexcept {
  Table& before = *current_.load(kRelaxed);
  Table& next = tables_[&before == &tables_[0] ? 1 : 0];
  fill(next, strategy, before);
  current_.store(&next, std::memory_order_release);  // pairs with the acquire in decide
}

void StrategySampler::fill(Table& table, const Strategy& strategy, const Table& before) noexcept {
  table.type.store(strategy.type, kRelaxed);
  table.rate.store(strategy.rate, kRelaxed);
  table.per_second.store(strategy.per_second, kRelaxed);
  table.limiter.fill_like(before.limiter, before.per_second.load(kRelaxed), strategy.per_second, now_());
  for (std::size_t i = 0; i < place_count_; ++i) {
    table.places[i].name.store(0, kRelaxed);
    table.places[i].rate.store(kDefault, kRelaxed);
    table.places[i].limiter.fill();
  }
  table.taken.store(0, kRelaxed);
  for (const Strategy::Operation& operation : strategy.operations) {
    if (Place* place = place_of(table, hash(operation.name))) place->rate.store(operation.rate, kRelaxed);
  }
  keep_places(table, before);
}

// Names that are known already stay while there is room, with what their limiters have.
void StrategySampler::keep_places(Table& table, const Table& before) noexcept {
  const double was = before.per_second.load(kRelaxed), is = table.per_second.load(kRelaxed);
  for (std::size_t i = 0; i < place_count_; ++i) {
    const Place& old = before.places[i];
    const std::uint64_t name = old.name.load(kRelaxed);
    Place* place = name != 0 ? place_of(table, name) : nullptr;
    if (place) place->limiter.fill_like(old.limiter, was, is, now_());
  }
}

}  // namespace jtrace::inline v1::detail
