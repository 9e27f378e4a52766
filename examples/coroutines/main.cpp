// Spans over coroutines: three orders at once on two threads, each of which suspends its coroutine and goes on in any of them.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/coroutines
//
// scope.carry() keeps the active span of a coroutine over its co_await, and gives the thread its own back meanwhile.
#include <jtrace/trace.h>

#include <atomic>
#include <iostream>

#include "executor.h"

namespace {

// A coroutine of one's own: one line, and carry() at each co_await behind which there is more to trace.
Task<int> price_of(Executor& executor, int item) {
  JTRACE_FUNCTION_AS(scope);
  scope->set_tag("item", item);
  co_await scope.carry(executor.schedule());
  auto lookup = jtrace::start_active_span("lookup");
  co_return item * 10;
}

// A coroutine that knows nothing of tracing.
Task<bool> charge(Executor& executor, int amount) {
  co_await executor.schedule();
  co_return amount > 0;
}

Task<int> order(Executor& executor, int number) {
  JTRACE_FUNCTION_AS(scope);
  scope->set_tag("number", number);
  int total = 0;
  for (int item = 1; item <= number; ++item) total += co_await scope.carry(price_of(executor, item));
  co_await scope.carry(jtrace::traced<&charge>(executor, total));  // its span ends when its result is there
  co_return total;
}

}  // namespace

int main() {
  std::atomic<int> sum{0};
  {
    Executor executor(2);
    for (int number = 1; number <= 3; ++number)
      executor.spawn(order(executor, number), [&sum](int total) { sum += total; });
  }
  std::cout << "sold for " << sum << "\n";
}
