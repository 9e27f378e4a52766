// What the library says about itself, line by line, instead of stderr.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jtrace/log.h"

namespace support {

// While it lives it is the log sink, and the level is the one given; both are put back at its end.
class LogCapture {
 public:
  explicit LogCapture(jtrace::LogLevel level = jtrace::LogLevel::warn);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  struct Line {
    jtrace::LogLevel level;
    std::string text;
  };
  std::vector<Line> lines() const;
  // All lines, one below the other.
  std::string text() const;
  // How many lines have this in them?
  std::size_t count(std::string_view part) const;
  // How many lines of this level or a worse one?
  std::size_t count(jtrace::LogLevel at_least) const;
  bool wait_for(std::string_view part, std::chrono::nanoseconds at_most = std::chrono::seconds(30)) const;

 private:
  static void receive(void* self, jtrace::LogLevel level, std::string_view line) noexcept;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Line> lines_;
  jtrace::LogLevel before_;
};

}  // namespace support
