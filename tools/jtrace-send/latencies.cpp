#include "latencies.h"

#include <algorithm>
#include <cmath>

namespace jtrace_send {

std::chrono::nanoseconds Latencies::percentile(double percent) const {
  if (all_.empty()) return {};
  std::vector<std::chrono::nanoseconds> sorted = all_;
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, sorted.size()) - 1);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

}  // namespace jtrace_send
