// jtrace/integrations/grpc.h: real calls to a real server, with all that can be said about them, and in every way that they can end.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "grpc_site.h"
#include "jtrace/carry.h"

namespace {

using namespace hello_site;

grpc::Status say_hello(Greeter::Stub& stub, const std::string& name, std::chrono::milliseconds deadline = kPatience) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Reply reply;
  return stub.SayHello(&context, request_of(name), &reply);
}

struct Fixture {
  Recorder recorder;
  Handlers handlers;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a call is a client's span below the active one, a server's below it, and the handler works in that") {
  Site site(&handlers);
  {
    auto order = jtrace::start_active_span("order");
    CHECK(say_hello(*site.stub(), "Ada").ok());
  }
  site.stop();
  CHECK(recorder.tree() == "order\n  /hello.Greeter/SayHello\n    /hello.Greeter/SayHello\n      work\n");
  for (const char* kind : {"client", "server"}) {
    const RecordedSpan& span = span_of(recorder, kind);
    CHECK(span.has_tag("component", "grpc"));
    CHECK(span.has_tag("grpc.method_type", "UNARY"));
    CHECK(span.has_tag("grpc.status", "OK"));
    CHECK(span.has_tag("grpc.status_code", 0));
    CHECK(span.tag("peer.address")->as_text().find("127.0.0.1:") != std::string_view::npos);
    CHECK(span.logs.empty());
  }
  CHECK(span_of(recorder, "server").has_tag("found", true));
}

TEST_CASE_FIXTURE(Fixture, "every status but OK is an error on both sides, by its name, its number and its message") {
  Site site(&handlers);
  CHECK(say_hello(*site.stub(), "nobody").error_code() == grpc::StatusCode::NOT_FOUND);
  site.stop();
  CHECK(recorder.tree() == "/hello.Greeter/SayHello !\n  /hello.Greeter/SayHello !\n    work\n");
  for (const char* kind : {"client", "server"}) {
    const RecordedSpan& span = span_of(recorder, kind);
    CHECK(span.has_tag("grpc.status", "NOT_FOUND"));
    CHECK(span.has_tag("grpc.status_code", 5));
    REQUIRE(span.logs.size() == 1);
    CHECK(span.logs[0].field("message")->as_text() == "NOT_FOUND: nobody is here");
  }
}

TEST_CASE_FIXTURE(Fixture, "a handler that throws gives a status of gRPC's, and marks the spans") {
  Site site(&handlers);
  CHECK(say_hello(*site.stub(), "bug").error_code() == grpc::StatusCode::UNKNOWN);
  site.stop();
  CHECK(recorder.tree() == "/hello.Greeter/SayHello !\n  /hello.Greeter/SayHello !\n    work !\n");
}

TEST_CASE_FIXTURE(Fixture, "streams of every kind have one span on each side, with their messages if one asks for them") {
  Site site(&handlers, {.message_events = true});
  const auto stub = site.stub({.message_events = true});
  std::string type, client_messages, server_messages;
  SUBCASE("from the server") {
    grpc::ClientContext context;
    const auto replies = stub->SayManyHellos(&context, request_of("Ada", 2));
    Reply reply;
    while (replies->Read(&reply)) {
    }
    CHECK(replies->Finish().ok());
    type = "SERVER_STREAMING";
    client_messages = "SENT 1\nRECEIVED 1\nRECEIVED 2\n";
    server_messages = "RECEIVED 1\nSENT 1\nSENT 2\n";
  }
  SUBCASE("from the client") {
    grpc::ClientContext context;
    Reply reply;
    const auto requests = stub->GreetEverybody(&context, &reply);
    requests->Write(request_of("a"));
    requests->Write(request_of("b"));
    requests->WritesDone();
    CHECK(requests->Finish().ok());
    CHECK(reply.message() == "ab");
    type = "CLIENT_STREAMING";
    client_messages = "SENT 1\nSENT 2\nRECEIVED 1\n";
    server_messages = "RECEIVED 1\nRECEIVED 2\nSENT 1\n";
  }
  SUBCASE("both ways") {
    grpc::ClientContext context;
    const auto stream = stub->Chat(&context);
    Reply reply;
    for (const char* name : {"a", "b"}) {
      stream->Write(request_of(name));
      CHECK(stream->Read(&reply));
    }
    stream->WritesDone();
    CHECK_FALSE(stream->Read(&reply));
    CHECK(stream->Finish().ok());
    type = "BIDI_STREAMING";
    client_messages = "SENT 1\nRECEIVED 1\nSENT 2\nRECEIVED 2\n";
    server_messages = "RECEIVED 1\nSENT 1\nRECEIVED 2\nSENT 2\n";
  }
  site.stop();
  REQUIRE(recorder.spans().size() == 3);
  const RecordedSpan& client = span_of(recorder, "client");
  const RecordedSpan& server = span_of(recorder, "server");
  CHECK(server.parent == client.context.span_id());
  CHECK(recorder.span("work").parent == server.context.span_id());
  CHECK(client.has_tag("grpc.method_type", type));
  CHECK(server.has_tag("grpc.method_type", type));
  CHECK(messages_of(client) == client_messages);
  CHECK(messages_of(server) == server_messages);
}

TEST_CASE_FIXTURE(Fixture, "messages are logged as text if one asks for it, cut to a length, and so many of them") {
  Site site(&handlers, {.payload_text = jtrace::grpc_protobuf_text, .max_payload_bytes = 9});
  const auto stub = site.stub({.payload_text = jtrace::grpc_protobuf_text, .max_messages = 2});
  grpc::ClientContext context;
  const auto replies = stub->SayManyHellos(&context, request_of("Ada", 5));
  Reply reply;
  while (replies->Read(&reply)) {
  }
  CHECK(replies->Finish().ok());
  site.stop();

  const RecordedSpan& client = span_of(recorder, "client");
  REQUIRE(client.logs.size() == 2);
  CHECK(client.logs[0].field("message.payload")->as_text() == "name: \"Ada\" times: 5");
  CHECK(client.logs[1].field("message.payload")->as_text() == "message: \"hello\"");
  CHECK(client.has_tag("grpc.messages_sent", 1));
  CHECK(client.has_tag("grpc.messages_received", 5));
  CHECK(span_of(recorder, "server").logs[0].field("message.payload")->as_text() == "name: \"Ad");
}

TEST_CASE_FIXTURE(Fixture, "decorators see span and call at its start and with its status at its end; a call can be named, or left alone") {
  std::atomic<int> started{0}, finished{0};
  jtrace::GrpcOptions options;
  options.operation_name = [](const jtrace::GrpcCall& call) { return std::string(call.method.substr(call.method.rfind('/') + 1)); };
  options.is_traced = [](const jtrace::GrpcCall& call) { return call.type == jtrace::GrpcCall::Type::unary; };
  options.at_start = [&](jtrace::Span& span, const jtrace::GrpcCall& call) {
    span.set_tag("side", call.client ? "client" : call.server ? "server" : "none");
    ++started;
  };
  options.at_finish = [&](jtrace::Span& span, const jtrace::GrpcCall&, const grpc::Status& status) {
    span.set_tag("length", status.error_message().size());
    ++finished;
  };
  Site site(&handlers, options);
  const auto stub = site.stub(options);
  say_hello(*stub, "nobody");
  grpc::ClientContext context;
  Reply reply;
  const auto requests = stub->GreetEverybody(&context, &reply);
  requests->WritesDone();
  CHECK(requests->Finish().ok());
  site.stop();

  CHECK(started == 2);
  CHECK(finished == 2);
  for (const char* kind : {"client", "server"}) {
    const RecordedSpan& span = span_of(recorder, kind);
    CHECK(span.name == "SayHello");
    CHECK(span.has_tag("grpc.method_name", kSayHello));
    CHECK(span.has_tag("side", kind));
    CHECK(span.has_tag("length", 14));
  }
  CHECK(recorder.spans().size() == 4);  // with the work of both handlers
}

TEST_CASE_FIXTURE(Fixture, "a call that is cancelled ends its span once, as CANCELLED, and tells when that was") {
  Site site(&handlers);
  const auto stub = site.stub();
  grpc::ClientContext context;
  const auto replies = stub->SayManyHellos(&context, request_of("endless", 1));
  Reply reply;
  CHECK(replies->Read(&reply));
  context.TryCancel();
  CHECK(replies->Finish().error_code() == grpc::StatusCode::CANCELLED);
  site.stop();
  CHECK(recorder.tree() == "/hello.Greeter/SayManyHellos !\n  /hello.Greeter/SayManyHellos !\n    work\n");
  CHECK(span_of(recorder, "client").has_tag("grpc.status", "CANCELLED"));
  CHECK(span_of(recorder, "client").logs[0].field("event")->as_text() == "cancelled");
  CHECK(span_of(recorder, "server").has_tag("grpc.status", "CANCELLED"));
  CHECK(span_of(recorder, "server").logs[0].field("event")->as_text() == "cancelled");
}

TEST_CASE_FIXTURE(Fixture, "a call that is late ends its span once, as DEADLINE_EXCEEDED; the server's with what its handler says then") {
  Site site(&handlers);
  CHECK(say_hello(*site.stub(), "slow", 1s).error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  site.stop();
  CHECK(span_of(recorder, "client").has_tag("grpc.status", "DEADLINE_EXCEEDED"));
  CHECK(span_of(recorder, "client").is_error());
  const RecordedSpan& server = span_of(recorder, "server");
  CHECK(server.has_tag("grpc.status", "OK"));
  REQUIRE(server.logs.size() == 1);
  CHECK(server.logs[0].field("event")->as_text() == "cancelled");
}

TEST_CASE_FIXTURE(Fixture, "a server that goes away in the middle of a stream ends both spans once") {
  Site site(&handlers);
  const auto stub = site.stub();
  grpc::ClientContext context;
  const auto replies = stub->SayManyHellos(&context, request_of("endless", 1));
  Reply reply;
  CHECK(replies->Read(&reply));
  site.stop(0s);
  CHECK_FALSE(replies->Read(&reply));
  CHECK_FALSE(replies->Finish().ok());
  CHECK(recorder.tree() == "/hello.Greeter/SayManyHellos !\n  /hello.Greeter/SayManyHellos !\n    work\n");
  CHECK(span_of(recorder, "server").has_tag("grpc.status", "CANCELLED"));
}

TEST_CASE_FIXTURE(Fixture, "a call to nobody ends its span once, as UNAVAILABLE") {
  const auto stub = Greeter::NewStub(jtrace::grpc_traced_channel("127.0.0.1:9", grpc::InsecureChannelCredentials()));
  CHECK(say_hello(*stub, "Ada").error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(recorder.tree() == "/hello.Greeter/SayHello !\n");
  CHECK(span_of(recorder, "client").has_tag("grpc.status_code", 14));
}

TEST_CASE_FIXTURE(Fixture, "the callback interface: a call's span ends when its status is there") {
  Site site(&handlers);
  const auto stub = site.stub();
  std::promise<grpc::Status> done;
  grpc::ClientContext context;
  const Request request = request_of("Ada");
  Reply reply;
  {
    auto order = jtrace::start_active_span("order");
    stub->async()->SayHello(&context, &request, &reply, [&](grpc::Status status) { done.set_value(status); });
  }
  CHECK(done.get_future().get().ok());
  site.stop();
  CHECK(recorder.tree() == "order\n  /hello.Greeter/SayHello\n    /hello.Greeter/SayHello\n      work\n");
}

namespace {

// Two replies to each request, by reactors that run on gRPC's threads.
class Reactors final : public Greeter::CallbackService {
 public:
  grpc::ServerUnaryReactor* SayHello(grpc::CallbackServerContext* context, const Request*, Reply*) override {
    auto work = jtrace::start_active_span("work");
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<Request, Reply>* Chat(grpc::CallbackServerContext* context) override {
    auto work = jtrace::start_active_span("work");
    return new Echo(context);
  }

 private:
  class Echo final : public grpc::ServerBidiReactor<Request, Reply> {
   public:
    explicit Echo(grpc::CallbackServerContext* context) : context_(context) { StartRead(&request_); }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(context_->IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK);
      jtrace::grpc_span(context_).set_tag("read", request_.name());
      auto later = jtrace::grpc_span(context_).start_child("later");
      reply_.set_message(request_.name());
      StartWrite(&reply_);
    }
    void OnWriteDone(bool ok) override {
      if (ok) StartRead(&request_);
    }
    void OnDone() override { delete this; }

   private:
    grpc::CallbackServerContext* context_;
    Request request_;
    Reply reply_;
  };
};

}  // namespace

TEST_CASE("the server's callback interface: active where the reactor is made, and found by the context later") {
  Recorder recorder;
  Reactors reactors;
  Site site(&reactors);
  const auto stub = site.stub();
  CHECK(say_hello(*stub, "Ada").ok());
  {
    grpc::ClientContext context;
    const auto stream = stub->Chat(&context);
    Reply reply;
    stream->Write(request_of("a"));
    CHECK(stream->Read(&reply));
    stream->WritesDone();
    CHECK(stream->Finish().ok());
  }
  site.stop();
  CHECK(recorder.tree() ==
        "/hello.Greeter/SayHello\n  /hello.Greeter/SayHello\n    work\n"
        "/hello.Greeter/Chat\n  /hello.Greeter/Chat\n    work\n    later\n");
  for (const RecordedSpan& span : recorder.spans()) {
    if (span.name == "/hello.Greeter/Chat" && span.has_tag("span.kind", "server")) CHECK(span.has_tag("read", "a"));
  }
}

TEST_CASE("a client that goes away in the middle of a reactor's stream ends the server's span once") {
  Recorder recorder;
  Reactors reactors;
  Site site(&reactors);
  {
    const auto stub = site.stub();
    grpc::ClientContext context;
    const auto stream = stub->Chat(&context);
    Reply reply;
    stream->Write(request_of("a"));
    CHECK(stream->Read(&reply));
    context.TryCancel();
    CHECK_FALSE(stream->Finish().ok());
  }
  site.stop();
  CHECK(span_of(recorder, "server").has_tag("grpc.status", "CANCELLED"));
  CHECK(span_of(recorder, "client").has_tag("grpc.status", "CANCELLED"));
}

namespace {

// Both sides by completion queues: what tags lead to is a function.
using Step = std::function<void(bool)>;
void run_queue(grpc::CompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    const std::unique_ptr<Step> step(static_cast<Step*>(tag));
    (*step)(ok);
  }
}
void* tag_of(Step step) { return new Step(std::move(step)); }

}  // namespace

TEST_CASE("the completion queues: a server's span is found by its context, and ends with the status that is sent") {
  Recorder recorder;
  Greeter::AsyncService service;
  std::unique_ptr<grpc::ServerCompletionQueue> server_queue;
  Site site(&service, {.message_events = true}, &server_queue);

  grpc::ServerContext server_context;
  Request taken;
  grpc::ServerAsyncResponseWriter<Reply> responder(&server_context);
  service.RequestSayHello(&server_context, &taken, &responder, server_queue.get(), server_queue.get(), tag_of([&](bool ok) {
                            REQUIRE(ok);
                            CHECK_FALSE(jtrace::active_span().is_recording());
                            jtrace::grpc_span(&server_context).set_tag("name", taken.name());
                            auto work = jtrace::grpc_span(&server_context).start_child("work");
                            Reply reply;
                            responder.Finish(reply, grpc::Status(grpc::StatusCode::ABORTED, ""), tag_of([](bool) {}));
                            CHECK_FALSE(jtrace::grpc_span(&server_context).is_recording());
                          }));
  std::thread server([&] { run_queue(server_queue.get()); });

  const auto stub = site.stub();
  grpc::CompletionQueue client_queue;
  grpc::ClientContext context;
  Reply reply;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Reply>> call;
  {
    auto order = jtrace::start_active_span("order");
    call = stub->AsyncSayHello(&context, request_of("Ada"), &client_queue);
  }
  call->Finish(&reply, &status, tag_of([&](bool) { client_queue.Shutdown(); }));
  run_queue(&client_queue);
  CHECK(status.error_code() == grpc::StatusCode::ABORTED);
  site.stop();
  server_queue->Shutdown();
  server.join();
  CHECK(recorder.tree() == "order\n  /hello.Greeter/SayHello !\n    /hello.Greeter/SayHello !\n      work\n");
  CHECK(span_of(recorder, "server").has_tag("name", "Ada"));
  CHECK(messages_of(span_of(recorder, "server")) == "RECEIVED 1\n");
}

TEST_CASE("a call that a server takes and lets go without a status is given up, once") {
  Recorder recorder;
  Greeter::AsyncService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  Site site(&service, {}, &queue);
  auto context = std::make_unique<grpc::ServerContext>();
  Request taken;
  auto responder = std::make_unique<grpc::ServerAsyncResponseWriter<Reply>>(context.get());
  service.RequestSayHello(context.get(), &taken, responder.get(), queue.get(), queue.get(), tag_of([&](bool) { context->TryCancel(); }));
  std::thread server([&] { run_queue(queue.get()); });
  CHECK(say_hello(*site.stub(), "Ada").error_code() == grpc::StatusCode::CANCELLED);
  site.stop();
  queue->Shutdown();
  server.join();
  CHECK(recorder.spans().size() == 1);
  responder.reset();
  context.reset();
  CHECK(recorder.spans().size() == 2);
  CHECK(span_of(recorder, "server").is_error());
  CHECK(span_of(recorder, "server").tag("grpc.status") == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a stream that its client lets go without asking for its status is given up") {
  Site site(&handlers);
  const auto stub = site.stub();
  {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    const auto replies = stub->PrepareAsyncSayManyHellos(&context, request_of("Ada"), &queue);
    CHECK(recorder.spans().empty());
    queue.Shutdown();
  }
  CHECK(recorder.tree() == "/hello.Greeter/SayManyHellos !\n");
}

TEST_CASE_FIXTURE(Fixture, "what another interceptor or the caller puts into the metadata stays there") {
  Site site(&handlers);
  const auto stub = site.stub();
  grpc::ClientContext context;
  context.AddMetadata("uber-trace-id", "1:2:0:0");
  context.AddMetadata("x-one", "1");
  Reply reply;
  CHECK(stub->SayHello(&context, request_of("Ada"), &reply).ok());
  site.stop();
  CHECK(span_of(recorder, "server").parent == span_of(recorder, "client").context.span_id());
}

TEST_CASE_FIXTURE(Fixture, "a trace that is not kept is not kept on the server either, whatever its own sampler says") {
  recorder.sample(false);
  auto order = jtrace::start_active_span("order");
  recorder.sample(true);
  Site site(&handlers, {.message_events = true});
  CHECK(say_hello(*site.stub({.message_events = true}), "Ada").ok());
  site.stop();
  CHECK(recorder.spans().empty());
}

TEST_CASE_FIXTURE(Fixture, "many calls at once, from threads with traces of their own, mix up nothing") {
  Site site(&handlers, {.message_events = true});
  const auto stub = site.stub({.message_events = true});
  constexpr int kThreads = 4, kCalls = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < kCalls; ++call) {
        auto order = jtrace::start_active_span("order");
        say_hello(*stub, "Ada");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  site.stop();
  std::string wanted;
  for (int i = 0; i < kThreads * kCalls; ++i) wanted += "order\n  /hello.Greeter/SayHello\n    /hello.Greeter/SayHello\n      work\n";
  CHECK(recorder.tree() == wanted);
}

TEST_CASE("with tracing off calls go as ever") {
  Handlers handlers;
  Site site(&handlers, {.message_events = true});
  CHECK(say_hello(*site.stub({.payload_text = jtrace::grpc_protobuf_text}), "Ada").ok());
}
