// Weather: a collector in this process whose faults change all the time, by chances that a seed repeats, and that goes down and
// comes up again on the same port.
//
// It counts how often each span arrived in a request that was answered with 202, whether or not the answer came through.
// Mild weather loses no answer of a request that it took: it fails requests, and resets connections in the midst of one. Wild
// weather delays, stalls and drips too, and restarts.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "fault_plan.h"
#include "ingest.h"
#include "ingest_port.h"
#include "store.h"

namespace chaos {

class Weather {
 public:
  Weather(std::uint64_t seed, bool is_wild);

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_) + "/api/traces"; }

  // So long the weather changes; then it is fine.
  void rage(std::chrono::milliseconds time);
  // No request comes after this.
  void end() { open_.reset(); }

  // By span id: how often it arrived, how many of those were not whole, and what the collector has kept.
  std::map<std::uint64_t, int> arrivals() const;
  std::uint64_t torn() const;
  std::multiset<std::uint64_t> kept() const;
  int restarts() const { return restarts_; }

 private:
  // The port while it is open; another one after a restart.
  struct Open;

  jtrace::collector::FaultOptions any_faults();
  void restart(std::chrono::milliseconds down_for);
  void take(const std::string& body);

  const bool is_wild_;
  std::mt19937_64 random_;
  jtrace::collector::Store store_{std::size_t{256} << 20};
  jtrace::collector::Ingest ingest_{store_, [] {}};
  int port_ = 0;
  int restarts_ = 0;

  mutable std::mutex mutex_;
  // Guarded by it.
  std::map<std::uint64_t, int> arrivals_;
  std::uint64_t torn_ = 0;

  std::shared_ptr<Open> open_;  // the last, since its threads use the rest
};

}  // namespace chaos
