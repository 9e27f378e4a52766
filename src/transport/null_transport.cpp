#include "transport/null_transport.h"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace jtrace::inline v1::detail {

Answer NullTransport::poll() noexcept { return std::exchange(is_active_, false) ? Outcome::acknowledged : Outcome::none; }

void NullTransport::wait(int wake_descriptor, std::int64_t nanoseconds) noexcept {
  pollfd wake{wake_descriptor, POLLIN, 0};
  ::poll(&wake, 1, static_cast<int>(std::clamp<std::int64_t>((nanoseconds + 999'999) / 1'000'000, 0, 3'600'000)));
}

}  // namespace jtrace::inline v1::detail
