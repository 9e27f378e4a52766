// The smallest program that traces: what of libjtrace a program takes with it that links it statically.
#include <jtrace/jtrace.h>

int main() {
  auto request = jtrace::start_active_span("request");
  request->set_tag("user.id", 1017);
}
