// Built as main.cpp is, with jtrace-auto; run with JTRACE_INSTRUMENT='shop::*'. Ends with 0 if its functions were traced.
#include <jtrace/jtrace.h>
#include <jtrace/testing.h>

#include <cstdio>
#include <string>

namespace shop {
volatile int sold = 0;
static void take() { sold = sold + 1; }
static void sell() {
  take();
  take();
}
JTRACE_IGNORE static void close() { sold = 0; }
}  // namespace shop

int main() {
  jtrace::testing::Recorder recorder;
  shop::sell();
  shop::close();
  const std::string tree = recorder.tree();
  std::printf("%s", tree.c_str());
  return tree == "shop::sell\n  shop::take\n  shop::take\n" ? 0 : 1;
}
