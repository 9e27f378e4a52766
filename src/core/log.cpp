#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <time.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>

#include "core/leader.h"
#include "core/log_line.h"
#include "core/thread.h"

namespace jtrace::inline v1 {
namespace detail {
namespace {

constexpr std::int64_t kBetweenLines = 60;  // seconds

// Never destroyed: there may be something to say until the very end.
struct Voice {
  std::mutex mutex;
  // Guarded by it.
  LogSink sink = nullptr;
  void* state = nullptr;
  std::shared_ptr<spdlog::logger> logger;
};
union Kept {
  constexpr Kept() noexcept : voice() {}
  ~Kept() {}
  Voice voice;
};
constinit Kept kept;
Voice& voice() noexcept { return kept.voice; }

LogLevel level_from_environment() noexcept {
  const char* text = std::getenv("JTRACE_LOG_LEVEL");
  const std::string_view name = text ? text : "";
  if (name == "debug") return LogLevel::debug;
  if (name == "info") return LogLevel::info;
  if (name == "error") return LogLevel::error;
  if (name == "off") return LogLevel::off;
  return LogLevel::warn;
}

constexpr auto kUnread = static_cast<LogLevel>(0xff);
constinit std::atomic<LogLevel> chosen{kUnread};

LogLevel level() noexcept {
  LogLevel level = chosen.load(std::memory_order_relaxed);
  if (level != kUnread) return level;
  const LogLevel read = level_from_environment();
  return chosen.compare_exchange_strong(level, read, std::memory_order_relaxed) ? read : level;
}

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                  spdlog::level::err, spdlog::level::off};
  return levels[static_cast<std::size_t>(level)];
}

spdlog::logger& stderr_logger(Voice& here) {
  if (!here.logger) {
    here.logger = std::make_shared<spdlog::logger>("jtrace", std::make_shared<spdlog::sinks::stderr_sink_st>());
    here.logger->set_level(spdlog::level::trace);
    here.logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %n %l: %v");
    here.logger->flush_on(spdlog::level::trace);
  }
  return *here.logger;
}

std::int64_t seconds_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec + 1;  // never 0, which means "not yet"
}

void write_line(LogLevel at, std::string_view line) noexcept {
  try {
    const Untraced untraced;
    const std::lock_guard lock(voice().mutex);
    if (voice().sink) return voice().sink(voice().state, at, line);
    stderr_logger(voice()).log(spdlog_level(at), spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {  // a line that cannot be written is not worth the program
  }
}

}  // namespace

void log_line(LogLevel at, std::string_view line) noexcept {
  if (at >= level() && at != LogLevel::off) write_line(at, line);
}

void log_asked_for(std::string_view line) noexcept {
  if (level() != LogLevel::off) write_line(LogLevel::info, line);
}

void log_rarely(Trouble kind, LogLevel at, std::string_view line) noexcept {
  static std::array<std::atomic<std::int64_t>, static_cast<std::size_t>(Trouble::count)> told{};
  std::atomic<std::int64_t>& last = told[static_cast<std::size_t>(kind)];
  const std::int64_t now = seconds_now();
  std::int64_t before = last.load(std::memory_order_relaxed);
  if (before != 0 && now - before < kBetweenLines) return;
  if (last.compare_exchange_strong(before, now, std::memory_order_relaxed)) log_line(at, line);
}

void log_once(LogLevel at, std::string_view line) noexcept {
  static std::array<std::atomic<std::size_t>, 256> said{};  // hashes; what does not fit in is not said
  const std::size_t hash = std::hash<std::string_view>()(line) | 1;
  for (std::atomic<std::size_t>& place : said) {
    std::size_t there = 0;
    if (place.compare_exchange_strong(there, hash, std::memory_order_relaxed)) return log_line(at, line);
    if (there == hash) return;
  }
}

std::string shown_number(double number) {
  char digits[32];  // as many as give the same number again
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void begin_log_in_child() noexcept {
  Voice& here = voice();
  const LogSink sink = here.sink;
  void* const state = here.state;
  // The old one is left as it was: a thread of the parent may have been at work on it.
  new (&here) Voice;
  here.sink = sink;
  here.state = state;
}

}  // namespace detail

void set_log_sink(LogSink sink, void* state) noexcept {
  if (const detail::Interface* other = detail::leader()) return other->set_log_sink(sink, state);
  const std::lock_guard lock(detail::voice().mutex);
  detail::voice().sink = sink;
  detail::voice().state = state;
}

void set_log_level(LogLevel level) noexcept {
  if (const detail::Interface* other = detail::leader()) return other->set_log_level(level);
  detail::chosen.store(level, std::memory_order_relaxed);
}

LogLevel log_level() noexcept {
  const detail::Interface* other = detail::leader();
  return other ? other->log_level() : detail::level();
}

}  // namespace jtrace::inline v1
