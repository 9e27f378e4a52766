// What the tests of jtrace/integrations/grpc.h share: a real server in this process, its handlers, and how its spans are read.
#pragma once

#include "jtrace/integrations/grpc.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "hello.grpc.pb.h"
#include "jtrace/testing.h"

namespace hello_site {

using hello::Greeter;
using hello::Reply;
using hello::Request;
using jtrace::testing::RecordedLog;
using jtrace::testing::RecordedSpan;
using jtrace::testing::Recorder;
using namespace std::chrono_literals;

inline constexpr auto kPatience = 60s;
inline constexpr const char* kSayHello = "/hello.Greeter/SayHello";

// Answers as it is asked by the name in the request.
class Handlers final : public Greeter::Service {
 public:
  grpc::Status SayHello(grpc::ServerContext* context, const Request* request, Reply* reply) override {
    auto work = jtrace::start_active_span("work");
    jtrace::grpc_span(context).set_tag("found", true);
    if (request->name() == "nobody") return {grpc::StatusCode::NOT_FOUND, "nobody is here"};
    if (request->name() == "bug") throw std::runtime_error("a bug");
    if (request->name() == "slow") wait_for_cancel(context);
    reply->set_message("hello " + request->name());
    return grpc::Status::OK;
  }
  grpc::Status SayManyHellos(grpc::ServerContext* context, const Request* request, grpc::ServerWriter<Reply>* replies) override {
    auto work = jtrace::start_active_span("work");
    Reply reply;
    reply.set_message("hello");
    for (int i = 0; i < request->times(); ++i) replies->Write(reply);
    if (request->name() == "endless") wait_for_cancel(context);
    return context->IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK;
  }
  grpc::Status GreetEverybody(grpc::ServerContext*, grpc::ServerReader<Request>* requests, Reply* reply) override {
    auto work = jtrace::start_active_span("work");
    Request request;
    while (requests->Read(&request)) reply->set_message(reply->message() + request.name());
    return grpc::Status::OK;
  }
  grpc::Status Chat(grpc::ServerContext*, grpc::ServerReaderWriter<Reply, Request>* stream) override {
    auto work = jtrace::start_active_span("work");
    Request request;
    Reply reply;
    while (stream->Read(&request)) {
      reply.set_message(request.name());
      stream->Write(reply);
    }
    return grpc::Status::OK;
  }

 private:
  static void wait_for_cancel(grpc::ServerContext* context) {
    while (!context->IsCancelled()) std::this_thread::yield();
  }
};

// A server in this process, reached over a socket. What it was asked is recorded once it has gone.
class Site {
 public:
  explicit Site(grpc::Service* service, jtrace::GrpcOptions options = {}, std::unique_ptr<grpc::ServerCompletionQueue>* queue = nullptr) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(service);
    jtrace::grpc_trace(builder, std::move(options));
    if (queue) *queue = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  ~Site() { stop(); }
  // Calls that are under way by then are cancelled. The server itself has to outlive its queues.
  void stop(std::chrono::seconds after = kPatience) {
    server_->Shutdown(std::chrono::system_clock::now() + after);
    server_->Wait();
  }
  std::unique_ptr<Greeter::Stub> stub(jtrace::GrpcOptions options = {}) const {
    return Greeter::NewStub(jtrace::grpc_traced_channel(address_, grpc::InsecureChannelCredentials(), std::move(options)));
  }
  const std::string& address() const { return address_; }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

inline Request request_of(const std::string& name, int times = 0) {
  Request request;
  request.set_name(name);
  request.set_times(times);
  return request;
}

// The span of that kind; a call has one on either side.
inline const RecordedSpan& span_of(Recorder& recorder, const char* kind) {
  const RecordedSpan* found = nullptr;
  for (const RecordedSpan& span : recorder.spans()) {
    if (!span.has_tag("span.kind", kind)) continue;
    CHECK_MESSAGE(!found, "two spans of that kind");
    found = &span;
  }
  REQUIRE(found);
  return *found;
}

// "SENT 1", "RECEIVED 1" …: of logs that may not have been written in the order of time.
inline std::string messages_of(const RecordedSpan& span) {
  std::string all;
  for (const RecordedLog& log : span.logs) {
    if (!log.field("message.id")) continue;
    all += std::string(log.field("message.type")->as_text()) + " " + std::to_string(log.field("message.id")->as_integer()) + "\n";
  }
  return all;
}

}  // namespace hello_site
