// One function, traced in each way: by hand, by JTRACE_FUNCTION and from outside by traced<>. What it does is next to nothing,
// so that the difference is the ways' own; and it is in the traced functions' own bodies, since a call of it would be counted as tracing.
#pragma once

#include "jtrace/trace.h"

namespace bench {

[[gnu::always_inline]] inline int body(int n) {
  asm volatile("" : "+r"(n));
  return n + 1;
}
[[gnu::noinline]] inline int work(int n) { return body(n); }
[[gnu::noinline]] inline int by_hand(int n) {
  const jtrace::ActiveSpan span = jtrace::start_active_span("bench::work");
  return body(n);
}
[[gnu::noinline]] inline int by_macro(int n) {
  JTRACE_FUNCTION("bench::work");
  return body(n);
}
[[gnu::noinline]] inline int by_traced(int n) { return jtrace::traced<&work>(n); }

}  // namespace bench
