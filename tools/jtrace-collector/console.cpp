#include "console.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace jtrace::collector {
namespace {

// A pipe that has room at all has room for so much.
constexpr std::size_t kPiece = PIPE_BUF;
// How long a held terminal may delay the end.
constexpr int kPatienceMs = 500;

}  // namespace

bool Console::wait_for_room() {
  std::array<pollfd, 2> events = {{{STDOUT_FILENO, POLLOUT, 0}, {stop_, POLLIN, 0}}};
  while (true) {
    const int ready = poll(events.data(), events.size(), -1);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) break;
  }
  if (events[0].revents != 0) return true;
  return poll(events.data(), 1, kPatienceMs) > 0;
}

void Console::write(std::string_view text) {
  while (!text.empty() && !is_lost_) {
    if (!wait_for_room()) {
      is_lost_ = true;
      return;
    }
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), std::min(text.size(), kPiece));
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      is_lost_ = true;
    }
  }
}

bool Console::is_terminal() const { return isatty(STDOUT_FILENO) == 1; }

std::size_t Console::width() const {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace jtrace::collector
