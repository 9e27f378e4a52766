// The tutorial's first program: one span around one request.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/single_span http://example.com/
//
// There is no sleep(2) at its end: what is finished is sent when the program exits.
#include <jtrace/jtrace.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "../support/page.h"

int main(int count, char** arguments) {
  const auto tracer = jtrace::init({.service_name = "测试应用名称", .sampler = {.type = "const", .param = 1}});
  if (!tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  try {
    auto get = tracer->start_active_span("get");
    const example::Page page = example::get_page(count > 1 ? arguments[1] : "http://example.com/");
    get->set_tag("http.status_code", page.status);
    std::cout << page.body.size() << " bytes\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
