// The second process of a trace: takes the context that its parent left in the environment, and traces below it. Endpoint and formats are
// those of the environment too. Reports its baggage item "user".
#include <jtrace/carriers.h>
#include <jtrace/jtrace.h>

#include <cstdio>

int main() {
  const jtrace::SpanContext parent = jtrace::extract(jtrace::OwnEnvironment());
  {
    auto server = jtrace::start_active_span("server", {.child_of = parent, .kind = jtrace::Kind::server});
    auto work = jtrace::start_span("work");
  }
  std::printf("user=%s\n", std::string(parent.baggage_item("user")).c_str());
  return jtrace::tracer().close(std::chrono::seconds(30)) ? 0 : 1;
}
