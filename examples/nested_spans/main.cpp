// The tutorial's second program: spans within a span.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/nested_spans http://example.com/
//
// `child_of` is said here as in the tutorial. With start_active_span("spider") nobody would have to say it.
#include <jtrace/jtrace.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "../support/page.h"
#include "../support/work.h"

int main(int count, char** arguments) {
  const auto tracer = jtrace::init({.service_name = "测试应用名称", .sampler = {.type = "const", .param = 1}});
  if (!tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  try {
    const jtrace::Span spider = tracer->start_span("spider");
    {
      const jtrace::Span get = tracer->start_span("get", {.child_of = spider});
      example::get_page(count > 1 ? arguments[1] : "http://example.com/");
    }
    {
      const jtrace::Span parser = tracer->start_span("parser", {.child_of = spider});
      example::work_a_while();
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
