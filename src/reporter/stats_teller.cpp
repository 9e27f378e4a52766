#include "reporter/stats_teller.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <string>

#include "core/log_line.h"
#include "jtrace/reporter.h"
#include "reporter/monotonic.h"

namespace jtrace::inline v1::detail {

StatsTeller::StatsTeller(const Settings& settings) noexcept
    : listener_(settings.stats_listener ? settings.stats_listener->get() : nullptr),
      interval_(settings.stats_interval.count()),
      next_(monotonic_now() + interval_) {}

std::int64_t StatsTeller::left(std::int64_t now) const noexcept {
  return listener_ ? std::max<std::int64_t>(next_ - now, 0) : std::numeric_limits<std::int64_t>::max();
}

void StatsTeller::tell_when_due(std::int64_t now) noexcept {
  if (!listener_ || now < next_) return;
  next_ = now + interval_;
  tell();
}

void StatsTeller::tell() noexcept {
  if (!listener_ || !read_) return;
  try {
    Stats stats;
    read_(from_, stats);
    listener_->on_stats(stats);
  } catch (const std::exception& thrown) {
    log_rarely(Trouble::reporter, LogLevel::warn, std::string("the listener for the counters failed: ") + thrown.what());
  } catch (...) {
    log_rarely(Trouble::reporter, LogLevel::warn, "the listener for the counters threw something that is no std::exception");
  }
}

}  // namespace jtrace::inline v1::detail
