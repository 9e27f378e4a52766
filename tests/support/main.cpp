// The main() of every doctest program. What the developer's own shell says about tracing and proxies stays
// outside.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support/environment.h"

int main(int argc, char** argv) {
  support::forget_tracing_variables();
  doctest::Context context(argc, argv);
  return context.run();
}
