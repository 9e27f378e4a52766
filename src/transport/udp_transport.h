// UdpTransport: sends each batch as one datagram to a Jaeger agent, and to whoever listens like one.
//
// Nobody answers. A batch counts as acknowledged when the system took it; where the system has been told that nobody listens
// there, it counts as unreachable, is not tried again, and the next of the host's addresses is used, if there is one. A host's
// name is looked up again every half minute, beside the sending, and a changed address is used from then on; until there
// is a first address, batches wait as behind any far side that cannot be reached.
//
// Used by the reporter's thread; construction may happen on another.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "transport/name_lookup.h"
#include "transport/transport.h"

namespace jtrace::inline v1::detail {

class UdpTransport final : public Transport {
 public:
  static constexpr Nanoseconds kLookAgain = std::chrono::seconds(30);

  // `patience`: for the first address, and for the system to have room.
  UdpTransport(const Agent& agent, Nanoseconds patience, Nanoseconds look_again = kLookAgain);
  ~UdpTransport() override;

  void submit(std::string_view body) noexcept override;
  Answer poll() noexcept override;
  void wait(int wake_descriptor, std::int64_t nanoseconds) noexcept override;
  void abort() noexcept override { is_active_ = false; }
  void abandon() noexcept override;
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  enum class Sent : std::uint8_t { yes, no_room, too_large, refused };

  void look_up() noexcept;
  void take_addresses() noexcept;
  bool is_late() const noexcept;
  Answer send() noexcept;
  Sent send_here() noexcept;
  bool open() noexcept;
  void close() noexcept;
  void next_address() noexcept;
  Answer done(Answer answer) noexcept;
  void describe(std::string_view what) noexcept;

  const std::string host_, shown_;
  const std::uint16_t port_;
  const std::int64_t patience_, look_again_;
  bool is_numeric_ = false;

  std::vector<Address> addresses_;
  std::size_t current_ = 0;
  NameLookup lookup_;
  std::int64_t looked_up_ = 0;
  bool has_looked_up_ = false;

  int socket_ = -1;
  ino_t socket_number_ = 0;  // in a forked child the descriptor may name something else by now
  std::string_view body_;
  bool is_active_ = false, waits_for_room_ = false;
  std::int64_t submitted_ = 0;
  int error_ = 0;
  std::string trouble_;
};

}  // namespace jtrace::inline v1::detail
