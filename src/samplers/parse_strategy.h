// Strategies as sampling servers write them.
//
//   {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}
//   {"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":42}}
//   {"operationSampling":{"defaultSamplingProbability":0.001,"defaultLowerBoundTracesPerSecond":0.016,
//    "perOperationStrategies":[{"operation":"GET /","probabilisticSampling":{"samplingRate":0.2}}]}}
//
// What there is decides, in the order operationSampling, probabilisticSampling, rateLimitingSampling; the type, which some servers
// write as a number, is not read. A number that is missing is 0, as in protobuf's JSON. A value of the wrong type or outside of its range makes
// the whole answer none. Source: jaeger-idl, sampling.proto, and the official clients.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "samplers/strategy.h"

namespace jtrace::inline v1::detail {

// Only the first operations count. Throws std::bad_alloc.
std::optional<Strategy> parse_strategy(std::string_view json, std::size_t max_operations);

// Not where jtrace was built without nlohmann-json (parse_strategy_none.cpp): nothing is a strategy then.
bool can_parse_strategies() noexcept;

}  // namespace jtrace::inline v1::detail
