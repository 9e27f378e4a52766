// An agent's UDP port: takes datagrams in, as Jaeger's agent does on :6831 (compact) and :6832 (binary), one batch each.
//
// Nobody is answered. What is no batch is counted and otherwise ignored. Made by the collector; `listen` and `stop` are called from one
// thread, the port's own thread reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "decode.h"

namespace jtrace::collector {

class AgentPort {
 public:
  // Takes one datagram; false if it is no batch.
  using Take = std::function<bool(std::string_view datagram, Wire wire)>;

  AgentPort(Wire wire, Take take) : wire_(wire), take_(std::move(take)) {}
  ~AgentPort();  // stops
  AgentPort(const AgentPort&) = delete;
  AgentPort& operator=(const AgentPort&) = delete;

  // Port 0 takes a free one. Returns nothing, or the reason why not, naming host and port.
  [[nodiscard]] std::optional<std::string> listen(const std::string& host, int port);
  bool is_listening() const { return socket_ >= 0; }
  int port() const { return port_; }
  // Datagrams that were no batch.
  std::uint64_t malformed() const { return malformed_; }
  // Reads what is there already, and no more.
  void stop();

 private:
  void read();

  const Wire wire_;
  const Take take_;
  int socket_ = -1, stop_ = -1;
  int port_ = 0;
  std::atomic<std::uint64_t> malformed_{0};
  std::thread thread_;
};

}  // namespace jtrace::collector
