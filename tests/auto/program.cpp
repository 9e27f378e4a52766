// Runs the scene that its first argument names; itself compiled as any program is. What it reports goes to descriptor 3.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "jtrace/jtrace.h"
#include "scenes.h"

int main(int argc, char** argv) {
  const std::string_view wanted = argc > 1 ? argv[1] : "";
  for (const scenes::Named* scene = scenes::all; !scene->name.empty(); ++scene) {
    if (scene->name != wanted) continue;
    scene->run();
    const jtrace::Stats stats = jtrace::tracer().stats();
    const std::string line = "finished=" + std::to_string(stats.finished) + "\nbalanced=" + std::to_string(stats.is_balanced()) + "\n";
    return write(3, line.data(), line.size()) < 0;
  }
  std::fprintf(stderr, "no such scene\n");
  return 125;
}
