// Strategy: how a service is to sample, as a sampling server says it: a rate, a limit, or a rate for each operation with a lower
// bound. A plain value, from parse_strategy() to StrategySampler.
#pragma once

#include <string>
#include <vector>

namespace jtrace::inline v1::detail {

struct Strategy {
  enum class Type : unsigned char { probabilistic, rate_limiting, per_operation };
  struct Operation {
    std::string name;
    double rate = 0;

    bool operator==(const Operation&) const = default;
  };

  Type type = Type::probabilistic;
  double rate = 0;                    // probabilistic; of operations that are not listed
  double per_second = 0;              // rate limiting; of each operation, at least
  std::vector<Operation> operations{};  // per operation

  bool operator==(const Strategy&) const = default;
};

}  // namespace jtrace::inline v1::detail
