// Greets by gRPC, with a traced channel: the twin of Python's wrap_channel. See server.cpp.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/grpc_hello_client 127.0.0.1:50051
//
//   greet
//     /hello.Greeter/SayHello            this process; the one below is the server's
//       /hello.Greeter/SayHello
//         compose
//     /hello.Greeter/SayManyHellos
//       /hello.Greeter/SayManyHellos
#include <jtrace/integrations/grpc.h>
#include <jtrace/jtrace.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "hello.grpc.pb.h"

namespace {

void set_deadline(grpc::ClientContext& context) { context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30)); }

grpc::Status say_hello(hello::Greeter::Stub& greeter) {
  grpc::ClientContext context;
  set_deadline(context);
  hello::Request request;
  request.set_name("Ada");
  hello::Reply reply;
  const grpc::Status status = greeter.SayHello(&context, request, &reply);
  if (status.ok()) std::cout << reply.message() << "\n";
  return status;
}

grpc::Status say_many_hellos(hello::Greeter::Stub& greeter) {
  grpc::ClientContext context;
  set_deadline(context);
  hello::Request request;
  request.set_name("Grace");
  request.set_times(3);
  const auto replies = greeter.SayManyHellos(&context, request);
  hello::Reply reply;
  while (replies->Read(&reply)) std::cout << reply.message() << "\n";
  return replies->Finish();
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: grpc_hello_client HOST:PORT, such as grpc_hello_server prints\n";
    return EXIT_FAILURE;
  }
  if (const auto tracer = jtrace::init({.service_name = "grpc_hello_client"}); !tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  const auto channel = jtrace::grpc_traced_channel(arguments[1], grpc::InsecureChannelCredentials(), {.message_events = true});
  const auto greeter = hello::Greeter::NewStub(channel);

  auto greet = jtrace::start_active_span("greet");
  for (const auto call : {say_hello, say_many_hellos}) {
    if (const grpc::Status status = call(*greeter); !status.ok()) {
      std::cerr << arguments[1] << ": " << status.error_message() << "\n";
      greet->set_error(status.error_message());
      return EXIT_FAILURE;
    }
  }
}
