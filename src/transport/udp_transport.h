// UdpTransport: sends each batch as one datagram to a Jaeger agent, and to whoever listens like one.
//
// Nobody answers. A batch counts as acknowledged when the system took it; where the system has been told that nobody listens
// there, it counts as unreachable, is not tried again, and the next of the host's addresses is used, if there is one. A host's
// name is looked up again every half minute, beside the sending, and a changed address is used from then on; until there
// is a first address, batches wait as behind any far side that cannot be reached.
//
// What an agent has no room for is lost without a word, and by default it has room for some 200 kB, three large datagrams. So a burst
// goes out at a pace that it can follow: two at once, then one a millisecond, 60 MB a second. Meanwhile spans wait where they are counted.
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
  static constexpr std::int64_t kNanosecondsPerByte = 16;
  static constexpr std::int64_t kAhead = 65000 * kNanosecondsPerByte;  // a datagram of the usual limit

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

  // How long until the agent may have read what it has got; 0: there should be room.
  std::int64_t left_of_pace() const noexcept;
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
  bool is_active_ = false, waits_for_room_ = false, waits_for_pace_ = false;
  std::int64_t submitted_ = 0;
  std::int64_t read_by_ = 0;  // when an agent that reads at our pace has read what was sent
  int error_ = 0;
  std::string trouble_;
};

}  // namespace jtrace::inline v1::detail
