#include "support/log_capture.h"

#include <algorithm>

namespace support {

LogCapture::LogCapture(jtrace::LogLevel level) : before_(jtrace::log_level()) {
  jtrace::set_log_sink(&LogCapture::receive, this);
  jtrace::set_log_level(level);
}

LogCapture::~LogCapture() {
  jtrace::set_log_sink(nullptr);
  jtrace::set_log_level(before_);
}

void LogCapture::receive(void* self, jtrace::LogLevel level, std::string_view line) noexcept {
  auto& capture = *static_cast<LogCapture*>(self);
  const std::lock_guard lock(capture.mutex_);
  capture.lines_.push_back({level, std::string(line)});
  capture.changed_.notify_all();
}

std::vector<LogCapture::Line> LogCapture::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::string LogCapture::text() const {
  std::string all;
  for (const Line& line : lines()) all.append(line.text).append("\n");
  return all;
}

std::size_t LogCapture::count(std::string_view part) const {
  const auto all = lines();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Line& line) { return line.text.find(part) != std::string::npos; }));
}

std::size_t LogCapture::count(jtrace::LogLevel at_least) const {
  const auto all = lines();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const Line& line) { return line.level >= at_least; }));
}

bool LogCapture::wait_for(std::string_view part, std::chrono::nanoseconds at_most) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::chrono::steady_clock::now() + at_most, [&] {
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const Line& line) { return line.text.find(part) != std::string::npos; });
  });
}

}  // namespace support
