// examples/grpc_hello: a client and a server, two processes, one trace.
#include <doctest/doctest.h>

#include <signal.h>

#include <string>

#include "support/batch.h"
#include "support/http_server.h"
#include "support/process.h"
#include "tree.h"

TEST_CASE("the two halves of grpc_hello send one trace") {
  support::HttpServer collector;
  const support::Variables variables{{"JAEGER_ENDPOINT", collector.endpoint()}};
  support::Process server({EXAMPLE_GRPC_HELLO_SERVER}, variables);
  const std::string address = server.read_line();
  const support::Outcome client = support::run({EXAMPLE_GRPC_HELLO_CLIENT, address}, variables);
  INFO(client.describe());
  CHECK(client.succeeded());
  CHECK(client.out == "Hello, Ada\nHello 1, Grace\nHello 2, Grace\nHello 3, Grace\n");
  server.send_signal(SIGTERM);
  const support::Outcome outcome = server.wait();
  INFO(outcome.describe());
  CHECK(outcome.succeeded());

  const auto spans = support::spans_of(collector);
  CHECK(examples::tree_of(spans) ==
        "greet\n"
        "  /hello.Greeter/SayHello\n"
        "    /hello.Greeter/SayHello\n"
        "      compose\n"
        "  /hello.Greeter/SayManyHellos\n"
        "    /hello.Greeter/SayManyHellos\n");
  for (const auto& span : spans) {
    CHECK(span.trace_id_low == spans[0].trace_id_low);
    if (span.name.starts_with("/hello.")) CHECK(span.text("grpc.status") == "OK");
    if (span.name == "/hello.Greeter/SayManyHellos") CHECK(span.logs.size() == 4);
  }
}

TEST_CASE("a server that is not there is said, and marks the client's spans") {
  const examples::Run run = examples::run({EXAMPLE_GRPC_HELLO_CLIENT, "127.0.0.1:9"});
  INFO(run.outcome.describe());
  CHECK(run.outcome.exit_code == 1);
  CHECK(examples::tree_of(run.spans) == "greet !\n  /hello.Greeter/SayHello !\n");
  CHECK(support::find_span(run.spans, "/hello.Greeter/SayHello").text("grpc.status") == "UNAVAILABLE");
}

TEST_CASE("an address that cannot be taken is said") {
  const support::Outcome outcome = support::run({EXAMPLE_GRPC_HELLO_SERVER, "no such host:0"});
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.find("grpc_hello_server: cannot listen on no such host:0\n") != std::string::npos);
}
