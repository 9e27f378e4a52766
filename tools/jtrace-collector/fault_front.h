// The ingest port when something is to happen to connections: it accepts them and passes them on to the real server
// behind it, all but those that meet a fault.
//
// HTTP libraries neither stall nor reset, so this stands before one, on sockets. Made and owned by IngestPort, which
// calls all methods from one thread; a thread of its own accepts, and each connection has a thread while it lasts.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fault_plan.h"

namespace jtrace::collector {

class FaultFront {
 public:
  // Told once, on the front's thread: nothing when it is up after --down-for, else the reason why it stays down.
  using OnUp = std::function<void(const std::optional<std::string>& problem)>;

  explicit FaultFront(FaultPlan& plan);
  ~FaultFront();  // stops
  FaultFront(const FaultFront&) = delete;
  FaultFront& operator=(const FaultFront&) = delete;

  // Takes the port, 0 for a free one. Connections are accepted at once, or, with a `down_for`, refused for so long and
  // accepted then. Returns nothing, or the reason why not, naming host and port.
  [[nodiscard]] std::optional<std::string> listen(const std::string& host, int port, int server_port,
                                                  std::chrono::milliseconds down_for, OnUp on_up);

  int port() const;

  // Accepts no more; those who are being served go on.
  void stop_accepting();
  // Call it when the real server has stopped: sends what is left to send and hangs up.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jtrace::collector
