// A program that is configured by a file, and says what it is configured with.
//
//   build/examples/config_file examples/config_file/tracing.yaml
//
// The file is read by libjtrace-config, which the library looks for where the loader does; this program links it, so that
// it is there in any case. What the environment says counts more than the file.
#include <jtrace/explain.h>
#include <jtrace/jtrace.h>

#include <cstdlib>
#include <iostream>

int main(int count, char** arguments) {
  const jtrace::Config config{.config_file = count > 1 ? arguments[1] : "examples/config_file/tracing.yaml", .validate = true};
  const auto tracer = jtrace::init(config);
  if (!tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  for (const auto& setting : *jtrace::explain(config)) {
    if (setting.origin != "default") std::cout << setting.key << " = " << setting.value << "  (" << setting.origin << ")\n";
  }
  auto work = tracer->start_active_span("work");
  work->set_tag("configured", "by a file");
}
