// Latencies: how long each of many things took, and what is usual among them. Used by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace jtrace_send {

class Latencies {
 public:
  void add(std::chrono::nanoseconds took) { all_.push_back(took); }
  std::size_t count() const { return all_.size(); }
  // The least that `percent` of them do not exceed (nearest rank); 100 is the longest. Zero where there is none.
  std::chrono::nanoseconds percentile(double percent) const;

 private:
  std::vector<std::chrono::nanoseconds> all_;
};

}  // namespace jtrace_send
