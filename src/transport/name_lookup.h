// NameLookup: the addresses of a host, found without keeping anybody waiting: getaddrinfo may hang for seconds, so it runs on a
// thread of its own, which ends with the answer. Used by one other thread, which may go before it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jtrace::inline v1::detail {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  bool operator==(const Address& other) const noexcept;
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&bytes); }
};

// What a look-up found, in the system's order of preference; or why it found nothing.
struct Found {
  std::vector<Address> addresses;
  std::string trouble;
};

// A numeric address needs no look-up: none for anything else. `host` is without brackets.
std::optional<Address> numeric_address(const std::string& host, std::uint16_t port);

class NameLookup {
 public:
  // Begins; false: no memory or no thread for it, or the last one has not ended.
  bool start(const std::string& host, std::uint16_t port) noexcept;
  bool is_running() const noexcept { return task_ != nullptr; }
  // What it found, once.
  std::optional<Found> take() noexcept;
  // Readable when there is something to take; -1: none is running.
  int descriptor() const noexcept;

 private:
  struct Task;
  static void* run(void* task);

  std::shared_ptr<Task> task_;
};

}  // namespace jtrace::inline v1::detail
