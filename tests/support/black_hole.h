// Addresses where nothing good happens: one that refuses, and one that swallows every attempt to connect.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace support {

// A loopback port that was free a moment ago and on which nobody listens: a connection is refused at once.
std::string refusing_endpoint();

// A loopback port whose backlog is full: the kernel drops further attempts to connect without an answer, so
// that a connection is neither made nor refused, like behind a firewall that drops packets.
class BlackHole {
 public:
  BlackHole();
  ~BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;

  std::string endpoint() const;

 private:
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::vector<int> stuffing_;
};

}  // namespace support
