// LoggingReporter: one line in the library's log for each finished span, as Jaeger's clients write it for JAEGER_REPORTER_LOG_SPANS:
//
//   Reporting span 4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0000000000000000:1 orders.checkout 12.4ms
//
// The lines were asked for, so they come at every level but off. Used by the reporter's thread.
#pragma once

#include <string>

#include "jtrace/reporter.h"

namespace jtrace::inline v1::detail {

class LoggingReporter final : public jtrace::Reporter {
 public:
  explicit LoggingReporter(std::string service_name) : service_name_(std::move(service_name)) {}
  void report(std::span<const FinishedSpan> spans) override;

 private:
  const std::string service_name_;
};

}  // namespace jtrace::inline v1::detail
