#include "automatic_work.h"

#include "jtrace/function.h"

namespace bench {
namespace {

[[gnu::always_inline]] JTRACE_IGNORE inline int work(int n) {
  asm volatile("" : "+r"(n));
  return n + 1;
}

}  // namespace

[[gnu::noinline]] int left_out(int n) { return work(n); }
[[gnu::noinline]] int chosen(int n) { return work(n); }
[[gnu::noinline]] JTRACE_IGNORE int not_instrumented(int n) { return work(n); }

}  // namespace bench
