#include <nlohmann/json.hpp>

#include "samplers/parse_strategy.h"

namespace jtrace::inline v1::detail {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 8;             // a strategy has four levels
constexpr double kMostTraces = 1e9;     // per second

// What is missing and what is null are the same.
const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool read_number(const Json& object, const char* name, double most, double& to) {
  const Json* value = member(object, name);
  if (value && !value->is_number()) return false;
  to = value ? value->get<double>() : 0;
  return to >= 0 && to <= most;
}

bool read_operation(const Json& item, Strategy::Operation& operation) {
  if (!item.is_object()) return false;
  const Json* name = member(item, "operation");
  const Json* sampling = member(item, "probabilisticSampling");
  if (!name || !name->is_string() || !sampling || !sampling->is_object()) return false;
  operation.name = name->get_ref<const std::string&>();
  return read_number(*sampling, "samplingRate", 1, operation.rate);
}

bool read_operations(const Json& list, std::size_t most, std::vector<Strategy::Operation>& operations) {
  if (!list.is_array()) return false;
  for (const Json& item : list) {
    Strategy::Operation operation;
    if (!read_operation(item, operation)) return false;
    if (operations.size() < most) operations.push_back(std::move(operation));
  }
  return true;
}

bool read_per_operation(const Json& json, std::size_t max_operations, Strategy& strategy) {
  strategy.type = Strategy::Type::per_operation;
  const Json* list = member(json, "perOperationStrategies");
  return json.is_object() && read_number(json, "defaultSamplingProbability", 1, strategy.rate) &&
         read_number(json, "defaultLowerBoundTracesPerSecond", kMostTraces, strategy.per_second) &&
         (!list || read_operations(*list, max_operations, strategy.operations));
}

bool read_strategy(const Json& json, std::size_t max_operations, Strategy& strategy) {
  if (!json.is_object()) return false;
  if (const Json* per_operation = member(json, "operationSampling")) return read_per_operation(*per_operation, max_operations, strategy);
  if (const Json* probabilistic = member(json, "probabilisticSampling")) {
    strategy.type = Strategy::Type::probabilistic;
    return probabilistic->is_object() && read_number(*probabilistic, "samplingRate", 1, strategy.rate);
  }
  const Json* limit = member(json, "rateLimitingSampling");
  strategy.type = Strategy::Type::rate_limiting;
  return limit && limit->is_object() && read_number(*limit, "maxTracesPerSecond", kMostTraces, strategy.per_second);
}

}  // namespace

std::optional<Strategy> parse_strategy(std::string_view text, std::size_t max_operations) {
  const auto keep_shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; };
  const Json json = Json::parse(text.begin(), text.end(), keep_shallow, false);
  Strategy strategy;
  return read_strategy(json, max_operations, strategy) ? std::optional(std::move(strategy)) : std::nullopt;
}

bool can_parse_strategies() noexcept { return true; }

}  // namespace jtrace::inline v1::detail
