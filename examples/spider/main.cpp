// The tutorial's third program: a spider that downloads, parses and stores, each in a span and a function of its own.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/spider http://example.com/
//
//   spider
//     download
//     parser
//     insert
//       make_sql
//       to_db
#include <jtrace/jtrace.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "../support/page.h"
#include "../support/work.h"

namespace {

example::Page download(const std::string& url) {
  JTRACE_FUNCTION_AS(span, "download");
  span->set_tag("http.url", url);
  example::Page page = example::get_page(url);
  span->set_tag("http.status_code", page.status);
  return page;
}

void parser(const example::Page& page) {
  JTRACE_FUNCTION_AS(span, "parser");
  span->set_tag("bytes", page.body.size());
  example::work_a_while();
}

// No parent_span goes from function to function: the active span is the parent.
void to_mysql() {
  JTRACE_FUNCTION("insert");
  {
    auto make_sql = jtrace::start_active_span("make_sql");
    example::work_a_while();
  }
  {
    auto to_db = jtrace::start_active_span("to_db");
    example::work_a_while();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const auto tracer = jtrace::init({.service_name = "测试应用名称", .sampler = {.type = "const", .param = 1}});
  if (!tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  try {
    auto spider = jtrace::start_active_span("spider");
    parser(download(count > 1 ? arguments[1] : "http://example.com/"));
    to_mysql();
    std::cout << "trace " << spider->context().trace_id().hex().str() << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
