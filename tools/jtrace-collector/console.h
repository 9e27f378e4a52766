// Standard output, written so that a terminal that is held (Ctrl-S) or a pipe that nobody reads cannot keep the
// collector from ending.
//
// Owned by `main` and used by its thread only. Each write waits for room, but no longer than until the given
// descriptor becomes readable, which is how a signal announces itself; from then on only for a moment. When the
// reader is gone, output goes nowhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace jtrace::collector {

class Console {
 public:
  // `stop` becomes readable when the program is asked to end.
  explicit Console(int stop) : stop_(stop) {}

  void write(std::string_view text);

  bool is_terminal() const;

  // Columns of the terminal as it is now, or 0.
  std::size_t width() const;

 private:
  bool wait_for_room();

  const int stop_;
  bool is_lost_ = false;  // the reader went away, or keeps us waiting while we are to end
};

}  // namespace jtrace::collector
