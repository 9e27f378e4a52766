// spdlog and jtrace: the ids of the active span in every line of a log, and every line of a log in the active span.
//
//   spdlog::set_formatter(jtrace::spdlog_formatter("%H:%M:%S %^%l%$ [%j %k] %v"));           // %j: trace id, %k: span id
//   spdlog::default_logger()->sinks().push_back(std::make_shared<jtrace::SpdlogSink>());     // … and into the span
//
// Both look at what is active on the thread that logs. A logger of spdlog's async mode formats and writes on another thread, which
// knows nothing of that: there the ids are "-" and no span gets a line. Needs spdlog 1.5 or newer, and nothing of it in
// libjtrace. Lines about jtrace itself, as by jtrace::set_log_sink(), are never written into a span.
#pragma once

#include <spdlog/common.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "jtrace/span.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

namespace detail {

// spdlog may be built to forget the thread; then 0 stands there.
inline bool is_of_this_thread(const ::spdlog::details::log_msg& line) noexcept {
  return line.thread_id == 0 || line.thread_id == ::spdlog::details::os::thread_id();
}

// Ids of the active span, in the width that the pattern asks for ("%34j"), or a dash.
class IdFlag : public ::spdlog::custom_flag_formatter {
 protected:
  void put(std::string_view id, ::spdlog::memory_buf_t& to) const {
    using Side = ::spdlog::details::padding_info::pad_side;
    const std::size_t missing = padinfo_.width_ > id.size() ? padinfo_.width_ - id.size() : 0;
    const std::size_t before = padinfo_.side_ == Side::left ? missing : padinfo_.side_ == Side::center ? missing / 2 : 0;
    for (std::size_t i = 0; i < before; ++i) to.push_back(' ');
    to.append(id.data(), id.data() + id.size());
    for (std::size_t i = before; i < missing; ++i) to.push_back(' ');
  }
};

}  // namespace detail

// For a formatter of your own: formatter->add_flag<jtrace::TraceIdFlag>('j').
class TraceIdFlag final : public detail::IdFlag {
 public:
  void format(const ::spdlog::details::log_msg& line, const std::tm&, ::spdlog::memory_buf_t& to) override {
    const SpanContext context = detail::is_of_this_thread(line) ? active_context() : SpanContext();
    const auto id = context.trace_id().hex();
    put(context.is_valid() ? id.view() : std::string_view("-"), to);
  }
  std::unique_ptr<::spdlog::custom_flag_formatter> clone() const override { return std::make_unique<TraceIdFlag>(*this); }
};

class SpanIdFlag final : public detail::IdFlag {
 public:
  void format(const ::spdlog::details::log_msg& line, const std::tm&, ::spdlog::memory_buf_t& to) override {
    const SpanContext context = detail::is_of_this_thread(line) ? active_context() : SpanContext();
    const auto id = context.span_id().hex();
    put(context.is_valid() ? id.view() : std::string_view("-"), to);
  }
  std::unique_ptr<::spdlog::custom_flag_formatter> clone() const override { return std::make_unique<SpanIdFlag>(*this); }
};

// A formatter of spdlog's that knows two flags more: %j, the trace id, and %k, the span id.
inline std::unique_ptr<::spdlog::pattern_formatter> spdlog_formatter(std::string pattern) {
  auto formatter = std::make_unique<::spdlog::pattern_formatter>();
  formatter->add_flag<TraceIdFlag>('j').template add_flag<SpanIdFlag>('k').set_pattern(std::move(pattern));
  return formatter;
}

// Writes each line as a log of the active span: its fields are `level`, `message`, `logger` and `source`, the last two where they
// are known. What is not in a span, or in one that is not recording, goes nowhere. set_level() says from which level on. It has no
// lock: a thread writes into its own active span.
class SpdlogSink final : public ::spdlog::sinks::sink {
 public:
  void log(const ::spdlog::details::log_msg& line) override {
    if (!detail::is_of_this_thread(line)) return;
    const SpanRef span = active_span();
    if (!span.is_recording()) return;
    const std::string source = source_of(line);
    const Field from = {"source", source};
    const bool has_name = line.logger_name.size() != 0;
    const Field fields[] = {{"level", text(::spdlog::level::to_string_view(line.level))}, {"message", text(line.payload)},
                            has_name ? Field{"logger", text(line.logger_name)} : from, from};
    const std::size_t count = 2 + std::size_t{has_name} + std::size_t{!source.empty()};
    span.log(Fields(std::span<const Field>(fields, count)), std::chrono::time_point_cast<std::chrono::nanoseconds>(line.time));
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}  // a span has fields instead
  void set_formatter(std::unique_ptr<::spdlog::formatter>) override {}

 private:
  static std::string_view text(::spdlog::string_view_t words) noexcept { return {words.data(), words.size()}; }
  static std::string source_of(const ::spdlog::details::log_msg& line) {
    return line.source.empty() ? std::string() : std::string(line.source.filename) + ":" + std::to_string(line.source.line);
  }
};

}  // namespace jtrace::inline v1
