// Relays: what stands between a client and an HttpServer. Each connection is greeted (by a TLS handshake, by the request of
// a proxy's client, or not at all), then its bytes go to the server and back. The greeting is what a Relay is made of.
//
// It runs on threads of its own; all calls may be made from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace support {

// One side of a relayed connection, as plain bytes.
class Wire {
 public:
  virtual ~Wire() = default;
  // As read(2) and write(2).
  virtual long read(char* bytes, std::size_t most) = 0;
  virtual long write(const char* bytes, std::size_t count) = 0;
  // Has it bytes that the socket does not show any more?
  virtual bool has_more() const { return false; }
};

// A socket as it is; it stays its owner's.
std::unique_ptr<Wire> plain_wire(int fd);

class Relay {
 public:
  // Gives what the client's bytes come through, or nothing to hang up.
  using Greet = std::function<std::unique_ptr<Wire>(int client)>;

  // On a loopback port, or on a unix socket where a path is given.
  Relay(std::uint16_t to_port, Greet greet, const std::string& unix_path = "");
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  std::size_t connections() const;

 private:
  void accept_all();
  void serve(int client);
  void pump(Wire& wire, int client, int server);

  std::uint16_t to_port_;
  Greet greet_;
  std::string unix_path_;
  int listener_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::vector<int> open_;  // guarded by it; shut down at the end
  std::vector<std::thread> servants_;
  std::size_t connections_ = 0;
  bool stopping_ = false;

  std::thread acceptor_;
};

// A proxy for CONNECT: writes down what it was asked, and answers.
class ConnectProxy {
 public:
  explicit ConnectProxy(std::uint16_t to_port, std::string answer = "HTTP/1.1 200 Go on\r\n\r\n");

  std::string url(const std::string& credentials = "") const {
    return "http://" + credentials + "127.0.0.1:" + std::to_string(relay_.port());
  }
  // The heads of all requests, one behind the other.
  std::string heads() const;

 private:
  std::unique_ptr<Wire> greet(int client);

  std::string answer_;
  mutable std::mutex mutex_;
  std::string heads_;  // guarded by it
  Relay relay_;
};

}  // namespace support
