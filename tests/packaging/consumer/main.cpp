// A user's program, built by tests/packaging/link_test.sh in each way in which programs find jtrace. Ends with 0 if what it
// traced is what it sees.
#include <jtrace/jtrace.h>
#include <jtrace/testing.h>

#include <cstdio>
#include <map>
#include <string>

int main() {
  if (std::string(jtrace::version()) != JTRACE_VERSION) {
    std::printf("headers of %s, library of %s\n", JTRACE_VERSION, jtrace::version());
    return 1;
  }
  jtrace::testing::Recorder recorder;
  {
    auto request = recorder.tracer().start_active_span("request");
    request->set_tag("user.id", 1017).log("cache", {{"hit", true}, {"ratio", 0.5}});
    auto child = jtrace::start_span("child");
    std::map<std::string, std::string> headers;
    jtrace::inject(child.context(), headers);
    if (jtrace::extract(headers) != child.context()) return 1;
  }
  const std::string tree = recorder.tree();
  std::printf("%s", tree.c_str());
  return tree.find("request") != std::string::npos && tree.find("child") != std::string::npos ? 0 : 1;
}
