// Rig: a tracer that sends to a sink, with its reporter on a core of its own, as the benchmarks of the caller's path need
// it. There is one for the program, made at its first use.
#pragma once

#include <chrono>
#include <cstdint>

#include "jtrace/tracer.h"
#include "machine.h"
#include "sink_process.h"

namespace bench {

// Ends the program if it cannot be made.
jtrace::Tracer make_tracer(const SinkProcess& sink, std::chrono::nanoseconds flush_interval = std::chrono::seconds(1));

class Rig {
 public:
  explicit Rig(int delay_milliseconds = 0, SinkProcess::Place sink = SinkProcess::Place::reporters_core);

  const jtrace::Tracer& tracer() const { return tracer_; }
  // Waits until the reporter has read and sent everything.
  void drain() const;
  // Spans that were finished and did not arrive.
  std::uint64_t lost() const;

 private:
  SinkProcess sink_;
  jtrace::Tracer tracer_;
};

Rig& rig();

}  // namespace bench
