#include <unistd.h>

#include <cstdio>
#include <string>

#include "scenarios.h"

namespace scenarios {

void report(std::string_view key, std::string_view value) {
  std::string line(key);
  line.append("=").append(value).append("\n");
  // One write, so that lines of a parent and its child do not mix.
  if (write(3, line.data(), line.size()) < 0) perror("report");
}

void report(std::string_view key, long long value) {
  report(key, std::to_string(value));
}

void report(const jtrace::Stats& stats) {
  const auto number = [](const char* key, std::uint64_t value) {
    report(key, static_cast<long long>(value));
  };
  number("started", stats.started);
  number("finished", stats.finished);
  number("acknowledged", stats.acknowledged);
  number("queued", stats.queued);
  number("dropped", stats.dropped());
  number("closed", stats.drops.closed);
  number("failed", stats.failed());
  number("aborted", stats.failures.aborted);
  number("inherited", stats.inherited);
  number("finished_twice", stats.finished_twice);
  number("balanced", stats.is_balanced());
}

}  // namespace scenarios

int main(int argc, char** argv) {
  const std::string_view wanted = argc > 1 ? argv[1] : "";
  for (const scenarios::Named* list :
       {scenarios::exits, scenarios::forks, scenarios::guests, scenarios::many_threads, scenarios::environments}) {
    for (; !list->name.empty(); ++list) {
      if (list->name == wanted) return list->run();
    }
  }
  std::fprintf(stderr, "no such scenario\n");
  return 125;
}
