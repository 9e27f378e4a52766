// StatsTeller: tells a listener of the program's the counters, time and again. Used by the reporter's thread.
#pragma once

#include <cstdint>

#include "config/settings.h"
#include "jtrace/stats.h"

namespace jtrace::inline v1::detail {

class StatsTeller {
 public:
  using Read = void (*)(void* from, Stats&);

  explicit StatsTeller(const Settings& settings) noexcept;
  // Where the counters are read; before the first call of the others.
  void read_from(Read read, void* from) noexcept { read_ = read, from_ = from; }

  // How long until the next time; a very long time where nobody listens.
  std::int64_t left(std::int64_t now) const noexcept;
  void tell_when_due(std::int64_t now) noexcept;
  void tell() noexcept;

 private:
  StatsListener* const listener_;  // null: nobody
  const std::int64_t interval_;
  std::int64_t next_;
  Read read_ = nullptr;
  void* from_ = nullptr;
};

}  // namespace jtrace::inline v1::detail
