// A traced gRPC server: each call is a span, which goes on with the client's trace and is active in its handler. See client.cpp.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/grpc_hello_server 127.0.0.1:50051
//
// Port 0, the default, is any that is free. It says where it listens, and stops at SIGTERM or SIGINT.
#include <jtrace/integrations/grpc.h>
#include <jtrace/jtrace.h>

#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "hello.grpc.pb.h"

#include "../support/stopping.h"

namespace {

class Greeter final : public hello::Greeter::Service {
  grpc::Status SayHello(grpc::ServerContext*, const hello::Request* request, hello::Reply* reply) override {
    jtrace::active_span().set_tag("name", request->name());
    auto compose = jtrace::start_active_span("compose");
    reply->set_message("Hello, " + request->name());
    return grpc::Status::OK;
  }

  grpc::Status SayManyHellos(grpc::ServerContext*, const hello::Request* request, grpc::ServerWriter<hello::Reply>* replies) override {
    hello::Reply reply;
    for (int i = 1; i <= request->times(); ++i) {
      reply.set_message("Hello " + std::to_string(i) + ", " + request->name());
      if (!replies->Write(reply)) return grpc::Status::CANCELLED;
    }
    return grpc::Status::OK;
  }
};

}  // namespace

int main(int count, char** arguments) {
  const sigset_t signals = example::block_stopping_signals();
  if (const auto tracer = jtrace::init({.service_name = "grpc_hello_server"}); !tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  const std::string address = count > 1 ? arguments[1] : "127.0.0.1:0";
  Greeter greeter;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&greeter);
  jtrace::grpc_trace(builder, {.message_events = true});
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "grpc_hello_server: cannot listen on " << address << "\n";
    return EXIT_FAILURE;
  }
  std::cout << address.substr(0, address.rfind(':')) << ":" << port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
}
