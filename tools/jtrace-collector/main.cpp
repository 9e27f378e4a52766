// jtrace-collector: a Jaeger for the desk. Reads the command line and runs the collector.

#include <cstdio>

#include "collector.h"
#include "options.h"

int main(int argc, char** argv) {
  const auto parsed = jtrace::collector::parse_options(argc, argv);
  if (parsed.options) return jtrace::collector::run_collector(*parsed.options);
  std::fputs(parsed.text.c_str(), parsed.exit_code == 0 ? stdout : stderr);
  return parsed.exit_code;
}
