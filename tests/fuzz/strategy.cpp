// Answers of sampling servers: what is read as a strategy is one that can be followed.
#include "fuzz.h"
#include "samplers/parse_strategy.h"
#include "samplers/strategy_sampler.h"

using namespace jtrace::detail;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  constexpr std::size_t kMost = 8;
  static StrategySampler sampler(Strategy{}, kMost);
  const auto strategy = parse_strategy(fuzz::text_of(bytes, size), kMost);
  if (!strategy) return 0;
  require(strategy->rate >= 0 && strategy->rate <= 1, "a rate lies between 0 and 1");
  require(strategy->per_second >= 0 && strategy->per_second <= 1e9, "a limit is one that can be counted");
  require(strategy->operations.size() <= kMost, "no more operations than were wanted");
  for (const Strategy::Operation& operation : strategy->operations)
    require(operation.rate >= 0 && operation.rate <= 1, "an operation's rate lies between 0 and 1");
  sampler.adopt(*strategy);
  const auto decision = sampler.decide({0, 1}, strategy->operations.empty() ? "other" : strategy->operations[0].name);
  require(!decision.sampled || !decision.type.empty(), "what is kept says by whom");
  return 0;
}
