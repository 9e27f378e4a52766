#include "reporter/logging_reporter.h"

#include "core/log_line.h"

namespace jtrace::inline v1::detail {
namespace {

// "12.4ms": microseconds below a millisecond, and so on.
std::string shown(std::chrono::nanoseconds duration) {
  const std::int64_t micros = duration.count() / 1000;
  if (micros < 1000) return std::to_string(micros) + "us";
  const std::int64_t unit = micros < 1'000'000 ? 1000 : 1'000'000;
  const std::int64_t tenths = micros / (unit / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + (unit == 1000 ? "ms" : "s");
}

// One line, whatever is in the name.
void append_line(std::string& to, std::string_view text) {
  for (const char c : text) to += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
}

}  // namespace

void LoggingReporter::report(std::span<const FinishedSpan> spans) {
  for (const FinishedSpan& span : spans) {
    std::string line = "Reporting span ";
    line.append(span.trace_id().hex().str()).append(":").append(span.span_id().hex().str()).append(":");
    line.append(span.parent_id().hex().str()).append(span.is_debug() ? ":3 " : ":1 ");
    append_line(line, service_name_);
    line += '.';
    append_line(line, span.operation_name());
    line.append(" ").append(shown(span.duration()));
    log_asked_for(line);
  }
}

}  // namespace jtrace::inline v1::detail
