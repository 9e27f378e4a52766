// A server on the loopback interface that does not speak HTTP: it greets whoever connects with some bytes,
// then closes once it has heard something. Its thread ends with it.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

class RawServer {
 public:
  explicit RawServer(std::string greeting);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string host_and_port() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve();

  std::string greeting_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};
