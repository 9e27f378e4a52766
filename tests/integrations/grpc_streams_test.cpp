// jtrace/integrations/grpc.h: calls of every kind, on both sides, by gRPC's callbacks and by its completion queues; and streams that
// are cut short by either. The synchronous interface has its cases in grpc_test.cpp.
#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "grpc_site.h"

namespace {

using namespace hello_site;

enum class Kind { unary, from_server, from_client, both_ways };

// What a call of that kind shows: two messages each way, where it is a stream.
struct Shown {
  Kind kind;
  std::string method, type, at_client, at_server;
};
const Shown kAll[] = {
    {Kind::unary, "SayHello", "UNARY", "SENT 1\nRECEIVED 1\n", "RECEIVED 1\nSENT 1\n"},
    {Kind::from_server, "SayManyHellos", "SERVER_STREAMING", "SENT 1\nRECEIVED 1\nRECEIVED 2\n", "RECEIVED 1\nSENT 1\nSENT 2\n"},
    {Kind::from_client, "GreetEverybody", "CLIENT_STREAMING", "SENT 1\nSENT 2\nRECEIVED 1\n", "RECEIVED 1\nRECEIVED 2\nSENT 1\n"},
    {Kind::both_ways, "Chat", "BIDI_STREAMING", "SENT 1\nRECEIVED 1\nSENT 2\nRECEIVED 2\n", "RECEIVED 1\nSENT 1\nRECEIVED 2\nSENT 2\n"},
};

void check(Recorder& recorder, const Shown& shown) {
  const std::string method = "/hello.Greeter/" + shown.method;
  CHECK(recorder.tree() == "order\n  " + method + "\n    " + method + "\n      work\n");
  const RecordedSpan& client = span_of(recorder, "client");
  const RecordedSpan& server = span_of(recorder, "server");
  for (const RecordedSpan* span : {&client, &server}) {
    CHECK(span->has_tag("grpc.method_type", shown.type));
    CHECK(span->has_tag("grpc.status", "OK"));
    CHECK(span->tag("peer.address"));  // known until the context goes
  }
  CHECK(messages_of(client) == shown.at_client);
  CHECK(messages_of(server) == shown.at_server);
}

// By callbacks: reactors of the client …

template <class Reactor>
class Ending : public Reactor {
 public:
  grpc::Status wait() { return done_.get_future().get(); }
  void OnDone(const grpc::Status& status) override { done_.set_value(status); }

 private:
  std::promise<grpc::Status> done_;
};

class Reading final : public Ending<grpc::ClientReadReactor<Reply>> {
 public:
  Reading(Greeter::Stub& stub, grpc::ClientContext& context, const std::string& name) : request_(request_of(name, 2)) {
    stub.async()->SayManyHellos(&context, &request_, this);
    StartRead(&reply_);
    StartCall();
  }
  void wait_for_first() { first_.get_future().wait(); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (++count_ == 1) first_.set_value();
    StartRead(&reply_);
  }
  std::promise<void> first_;
  Request request_;
  Reply reply_;
  int count_ = 0;
};

class Writing final : public Ending<grpc::ClientWriteReactor<Request>> {
 public:
  Writing(Greeter::Stub& stub, grpc::ClientContext& context) : request_(request_of("a")) {
    stub.async()->GreetEverybody(&context, &reply_, this);
    StartWrite(&request_);
    StartCall();
  }

 private:
  void OnWriteDone(bool) override { ++count_ < 2 ? StartWrite(&request_) : StartWritesDone(); }
  Request request_;
  Reply reply_;
  int count_ = 0;
};

class Talking final : public Ending<grpc::ClientBidiReactor<Request, Reply>> {
 public:
  Talking(Greeter::Stub& stub, grpc::ClientContext& context) : request_(request_of("a")) {
    stub.async()->Chat(&context, this);
    StartWrite(&request_);
    StartCall();
  }

 private:
  void OnWriteDone(bool) override { StartRead(&reply_); }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (++count_ < 2) return StartWrite(&request_);
    StartWritesDone();
    StartRead(&reply_);
  }
  Request request_;
  Reply reply_;
  int count_ = 0;
};

grpc::Status call_by_callbacks(Greeter::Stub& stub, Kind kind) {
  grpc::ClientContext context;
  if (kind == Kind::from_server) return Reading(stub, context, "Ada").wait();
  if (kind == Kind::from_client) return Writing(stub, context).wait();
  if (kind == Kind::both_ways) return Talking(stub, context).wait();
  std::promise<grpc::Status> done;
  const Request request = request_of("Ada");
  Reply reply;
  stub.async()->SayHello(&context, &request, &reply, [&](grpc::Status status) { done.set_value(status); });
  return done.get_future().get();
}

// … and of the server.

class Reactors final : public Greeter::CallbackService {
 public:
  grpc::ServerUnaryReactor* SayHello(grpc::CallbackServerContext* context, const Request*, Reply*) override {
    auto work = jtrace::start_active_span("work");
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<Reply>* SayManyHellos(grpc::CallbackServerContext*, const Request*) override {
    auto work = jtrace::start_active_span("work");
    return new Many;
  }
  grpc::ServerReadReactor<Request>* GreetEverybody(grpc::CallbackServerContext*, Reply*) override {
    auto work = jtrace::start_active_span("work");
    return new All;
  }
  grpc::ServerBidiReactor<Request, Reply>* Chat(grpc::CallbackServerContext*) override {
    auto work = jtrace::start_active_span("work");
    return new Echo;
  }

 private:
  class Many final : public grpc::ServerWriteReactor<Reply> {
   public:
    Many() { StartWrite(&reply_); }
    void OnWriteDone(bool) override { ++count_ < 2 ? StartWrite(&reply_) : Finish(grpc::Status::OK); }
    void OnDone() override { delete this; }

   private:
    Reply reply_;
    int count_ = 0;
  };
  class All final : public grpc::ServerReadReactor<Request> {
   public:
    All() { StartRead(&request_); }
    void OnReadDone(bool ok) override { ok ? StartRead(&request_) : Finish(grpc::Status::OK); }
    void OnDone() override { delete this; }

   private:
    Request request_;
  };
  class Echo final : public grpc::ServerBidiReactor<Request, Reply> {
   public:
    Echo() { StartRead(&request_); }
    void OnReadDone(bool ok) override { ok ? StartWrite(&reply_) : Finish(grpc::Status::OK); }
    void OnWriteDone(bool) override { StartRead(&request_); }
    void OnDone() override { delete this; }

   private:
    Request request_;
    Reply reply_;
  };
};

// By completion queues: one step after the other, each of which is waited for.
class Steps {
 public:
  explicit Steps(grpc::CompletionQueue& queue) : queue_(queue) {}
  // `start` is handed the tag.
  template <class F>
  bool operator()(F&& start) {
    start(static_cast<void*>(this));
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

 private:
  grpc::CompletionQueue& queue_;
};

void shut_down(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
}

struct ClientQueue {
  ~ClientQueue() { shut_down(queue); }
  grpc::CompletionQueue queue;
  Steps step{queue};
};

template <class Call>
grpc::Status finish(Steps& step, Call& call) {
  grpc::Status status;
  step([&](void* tag) { call.Finish(&status, tag); });
  return status;
}

grpc::Status call_by_queue(Greeter::Stub& stub, Kind kind) {
  grpc::ClientContext context;
  ClientQueue client;
  Steps& step = client.step;
  const Request request = request_of("Ada", 2);
  Reply reply;
  if (kind == Kind::from_server) {
    std::unique_ptr<grpc::ClientAsyncReader<Reply>> call;
    step([&](void* tag) { call = stub.AsyncSayManyHellos(&context, request, &client.queue, tag); });
    while (step([&](void* tag) { call->Read(&reply, tag); })) {
    }
    return finish(step, *call);
  }
  if (kind == Kind::from_client) {
    std::unique_ptr<grpc::ClientAsyncWriter<Request>> call;
    step([&](void* tag) { call = stub.AsyncGreetEverybody(&context, &reply, &client.queue, tag); });
    for (int i = 0; i < 2; ++i) step([&](void* tag) { call->Write(request, tag); });
    step([&](void* tag) { call->WritesDone(tag); });
    return finish(step, *call);
  }
  if (kind == Kind::both_ways) {
    std::unique_ptr<grpc::ClientAsyncReaderWriter<Request, Reply>> call;
    step([&](void* tag) { call = stub.AsyncChat(&context, &client.queue, tag); });
    for (int i = 0; i < 2; ++i) {
      step([&](void* tag) { call->Write(request, tag); });
      step([&](void* tag) { call->Read(&reply, tag); });
    }
    step([&](void* tag) { call->WritesDone(tag); });
    return finish(step, *call);
  }
  grpc::Status status;
  const auto call = stub.AsyncSayHello(&context, request, &client.queue);
  step([&](void* tag) { call->Finish(&reply, &status, tag); });
  return status;
}

void work_in(const grpc::ServerContext& context) { static_cast<void>(jtrace::grpc_span(&context).start_child("work")); }

// One call of that kind.
void serve_by_queue(Greeter::AsyncService& service, grpc::ServerCompletionQueue& queue, Kind kind) {
  Steps step(queue);
  grpc::ServerContext context;
  Request request;
  const Reply reply;
  if (kind == Kind::from_server) {
    grpc::ServerAsyncWriter<Reply> call(&context);
    step([&](void* tag) { service.RequestSayManyHellos(&context, &request, &call, &queue, &queue, tag); });
    work_in(context);
    for (int i = 0; i < request.times(); ++i) step([&](void* tag) { call.Write(reply, tag); });
    step([&](void* tag) { call.Finish(grpc::Status::OK, tag); });
  } else if (kind == Kind::from_client) {
    grpc::ServerAsyncReader<Reply, Request> call(&context);
    step([&](void* tag) { service.RequestGreetEverybody(&context, &call, &queue, &queue, tag); });
    work_in(context);
    while (step([&](void* tag) { call.Read(&request, tag); })) {
    }
    step([&](void* tag) { call.Finish(reply, grpc::Status::OK, tag); });
  } else if (kind == Kind::both_ways) {
    grpc::ServerAsyncReaderWriter<Reply, Request> call(&context);
    step([&](void* tag) { service.RequestChat(&context, &call, &queue, &queue, tag); });
    work_in(context);
    while (step([&](void* tag) { call.Read(&request, tag); })) step([&](void* tag) { call.Write(reply, tag); });
    step([&](void* tag) { call.Finish(grpc::Status::OK, tag); });
  } else {
    grpc::ServerAsyncResponseWriter<Reply> call(&context);
    step([&](void* tag) { service.RequestSayHello(&context, &request, &call, &queue, &queue, tag); });
    work_in(context);
    step([&](void* tag) { call.Finish(reply, grpc::Status::OK, tag); });
  }
}

// A stream that never ends by itself, cut short once its first message is there.
using Cut = std::function<void(Site&, grpc::ClientContext&)>;

grpc::Status cut_by_callbacks(Site& site, Greeter::Stub& stub, grpc::ClientContext& context, const Cut& cut) {
  Reading reading(stub, context, "endless");
  reading.wait_for_first();
  cut(site, context);
  return reading.wait();
}
grpc::Status cut_by_queue(Site& site, Greeter::Stub& stub, grpc::ClientContext& context, const Cut& cut) {
  ClientQueue client;
  std::unique_ptr<grpc::ClientAsyncReader<Reply>> call;
  client.step([&](void* tag) { call = stub.AsyncSayManyHellos(&context, request_of("endless", 2), &client.queue, tag); });
  Reply reply;
  const auto read = [&] { return client.step([&](void* tag) { call->Read(&reply, tag); }); };
  CHECK(read());
  cut(site, context);
  while (read()) {
  }
  return finish(client.step, *call);
}

}  // namespace

TEST_CASE("calls of every kind by the callbacks have one span on each side, and the handler's work below") {
  for (const Shown& shown : kAll) {
    CAPTURE(shown.method);
    Recorder recorder;
    Reactors reactors;
    Site site(&reactors, {.message_events = true});
    {
      auto order = jtrace::start_active_span("order");
      CHECK(call_by_callbacks(*site.stub({.message_events = true}), shown.kind).ok());
    }
    site.stop();
    check(recorder, shown);
  }
}

TEST_CASE("calls of every kind by completion queues have one span on each side, and the handler's work below") {
  for (const Shown& shown : kAll) {
    CAPTURE(shown.method);
    Recorder recorder;
    Greeter::AsyncService service;
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    Site site(&service, {.message_events = true}, &queue);
    std::thread server([&] { serve_by_queue(service, *queue, shown.kind); });
    {
      auto order = jtrace::start_active_span("order");
      CHECK(call_by_queue(*site.stub({.message_events = true}), shown.kind).ok());
    }
    server.join();
    site.stop();
    shut_down(*queue);
    check(recorder, shown);
  }
}

TEST_CASE("a stream that is cancelled, late or broken ends its spans once, by the callbacks and by completion queues") {
  const struct {
    std::string status;
    Cut cut;
    std::chrono::milliseconds deadline;
  } endings[] = {{"CANCELLED", [](Site&, grpc::ClientContext& context) { context.TryCancel(); }, kPatience},
                 {"DEADLINE_EXCEEDED", [](Site&, grpc::ClientContext&) {}, 1s},
                 {"", [](Site& site, grpc::ClientContext&) { site.stop(0s); }, kPatience}};
  for (const auto& ending : endings) {
    for (const auto& call : {cut_by_callbacks, cut_by_queue}) {
      CAPTURE(ending.status);
      Recorder recorder;
      Handlers handlers;
      Site site(&handlers);
      {
        auto order = jtrace::start_active_span("order");
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + ending.deadline);
        CHECK_FALSE(call(site, *site.stub(), context, ending.cut).ok());
      }
      site.stop();
      CHECK(recorder.tree() == "order\n  /hello.Greeter/SayManyHellos !\n    /hello.Greeter/SayManyHellos !\n      work\n");
      if (!ending.status.empty()) CHECK(span_of(recorder, "client").has_tag("grpc.status", ending.status));
      CHECK(span_of(recorder, "server").has_tag("grpc.status", "CANCELLED"));
    }
  }
}
