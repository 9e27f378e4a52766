// A program built without exceptions and RTTI.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <system_error>

#include "jtrace/jtrace.h"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "this is about code without exceptions and RTTI"
#endif

namespace {
int add(int a, int b) {
  JTRACE_FUNCTION();
  return a + b;
}
}  // namespace

int main() {
  const auto wrong = jtrace::init({.sampler = {.type = "const", .param = 7}});
  if (wrong) return 2;
  auto active = jtrace::start_active_span("bare");
  active->set_tag("text", "v").log("logged", {{"n", 1}});
  active->set_error(std::make_error_code(std::errc::timed_out));
  const int sum = add(1, 2);
  jtrace::set_log_sink([](void*, jtrace::LogLevel, std::string_view) noexcept {});
  active.close();
  return sum == 3 && jtrace::tracer().flush(std::chrono::seconds(20)) ? 0 : 1;
}
