// Traced calls of gRPC (1.50 or newer), on both sides, by interceptors: unary calls and streams of all kinds, by the synchronous
// API, the callbacks and the completion queue.
//
//   auto channel = jtrace::grpc_traced_channel("localhost:50051", grpc::InsecureChannelCredentials());
//   auto stub = Greeter::NewStub(channel);                       // every call is a child of what is active when it is started
//
//   grpc::ServerBuilder builder;
//   jtrace::grpc_trace(builder);                                 // every call is a child of the client's
//
// A call is a span named by its method, "/hello.Greeter/SayHello", of kind client or server, with `component`, `grpc.method_type`,
// `peer.address`, `grpc.status` (NOT_FOUND) and `grpc.status_code` (5). Every status but OK is an error. The client's span ends with the status,
// the server's when its handler has decided on one: once, however the call ends; a call that goes without a status is given up, which is an error.
//
// In a synchronous handler, and in the method that returns a reactor, the server's span is active: jtrace::active_span(). In what a
// reactor does later, and behind a completion queue, grpc_span(context) finds it; its context goes along by jtrace::carry, too.
// Interceptors run on whatever thread gRPC takes; they touch the span at its start and its end only, so that in between it is the handler's own.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/config_protobuf.h>
#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jtrace/propagation.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

// What is known of a call, borrowed for the length of a hook.
struct GrpcCall {
  enum class Type { unary, client_streaming, server_streaming, bidi_streaming, unknown };  // as gRPC counts them

  std::string_view method;  // "/package.Service/Method"
  Type type;
  ::grpc::ClientContext* client = nullptr;      // on the client's side
  ::grpc::ServerContextBase* server = nullptr;  // on the server's side
};

// Hooks may run on any thread, several at a time for several calls, and must not throw: gRPC's threads would end the program.
struct GrpcOptions {
  // Each message is a log `message`, with `message.type` SENT or RECEIVED and `message.id`, counted from 1 by direction.
  bool message_events = false;
  // The same, with the text that this makes of a message in `message.payload`: grpc_protobuf_text, for services of Protobuf. A
  // message that gRPC has packed before it is seen here is told by its size, `message.bytes`.
  std::function<std::string(const void* message)> payload_text{};
  // What is beyond is cut, and not logged. The first `max_messages` are logged; `grpc.messages_sent` and `grpc.messages_received` count all.
  std::size_t max_payload_bytes = 1024;
  std::size_t max_messages = 64;

  std::function<bool(const GrpcCall&)> is_traced{};              // false: as if there were no tracing. On the server, before its metadata is there
  std::function<std::string(const GrpcCall&)> operation_name{};  // in place of the method
  // Decorators: the span as it has just been started, and before it finishes.
  std::function<void(Span&, const GrpcCall&)> at_start{};
  std::function<void(Span&, const GrpcCall&, const ::grpc::Status&)> at_finish{};
};

// A message of Protobuf's in one line. Who uses it links libprotobuf.
inline std::string grpc_protobuf_text(const void* message) {
  return static_cast<const ::grpc::protobuf::Message*>(message)->ShortDebugString();
}

namespace detail {

using GrpcHook = ::grpc::experimental::InterceptionHookPoints;
using GrpcBatch = ::grpc::experimental::InterceptorBatchMethods;

constexpr const char* grpc_type_name(GrpcCall::Type type) noexcept {
  constexpr const char* names[] = {"UNARY", "CLIENT_STREAMING", "SERVER_STREAMING", "BIDI_STREAMING", "UNKNOWN"};
  return names[static_cast<std::size_t>(type)];
}

inline const char* grpc_status_name(::grpc::StatusCode code) noexcept {
  constexpr const char* names[] = {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
                                   "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
                                   "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(names) ? names[index] : "UNKNOWN";
}

// gRPC refuses capital letters in the names of metadata, and aborts.
inline void inject_into_metadata(const SpanContext& context, std::multimap<std::string, std::string>& metadata) {
  v1::inject(context, [&](std::string_view name, std::string_view value) {
    std::string key(name);
    for (char& letter : key) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    metadata.erase(key);
    metadata.emplace(std::move(key), value);
  });
}

// What has happened in a call, kept until its span ends. Several threads may tell it: a stream is read and written at the same time.
class GrpcEvents {
 public:
  explicit GrpcEvents(const GrpcOptions& options) noexcept : options_(options) {}

  // For a span that is recording; before that, and without it, messages are let go. Before anything else can happen in the call.
  void keep_messages() noexcept { keeps_messages_ = options_.message_events || options_.payload_text; }

  void note_messages(GrpcBatch* batch) {
    if (!keeps_messages_) return;
    if (batch->QueryInterceptionHookPoint(GrpcHook::PRE_SEND_MESSAGE)) {
      const void* message = batch->GetSendMessage();
      note(true, message, message ? 0 : batch->GetSerializedSendMessage()->Length());
    }
    if (batch->QueryInterceptionHookPoint(GrpcHook::POST_RECV_MESSAGE)) {
      if (const void* message = batch->GetRecvMessage()) note(false, message, 0);
    }
  }
  void note_cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_at_ = std::chrono::system_clock::now();
  }

  void write_to(Span& span) {
    const std::lock_guard lock(mutex_);
    if (cancelled_at_ != Timestamp()) span.log("cancelled", {}, cancelled_at_);
    for (const Message& message : messages_) write(span, message);
    if (counts_[true] != 0) span.set_tag("grpc.messages_sent", counts_[true]);
    if (counts_[false] != 0) span.set_tag("grpc.messages_received", counts_[false]);
  }

 private:
  struct Message {
    Timestamp at;
    bool is_sent;
    std::size_t id, packed_bytes;
    std::string payload;
  };

  void note(bool is_sent, const void* message, std::size_t packed_bytes) {
    std::string payload;
    if (options_.payload_text && message) {
      payload = options_.payload_text(message);
      if (payload.size() > options_.max_payload_bytes) payload.resize(options_.max_payload_bytes);
    }
    const std::lock_guard lock(mutex_);
    const std::size_t id = ++counts_[is_sent];
    if (messages_.size() < options_.max_messages) messages_.push_back({std::chrono::system_clock::now(), is_sent, id, packed_bytes, std::move(payload)});
  }

  void write(Span& span, const Message& message) const {
    const char* type = message.is_sent ? "SENT" : "RECEIVED";
    if (message.packed_bytes != 0) {
      span.log("message", {{"message.type", type}, {"message.id", message.id}, {"message.bytes", message.packed_bytes}}, message.at);
    } else if (options_.payload_text) {
      span.log("message", {{"message.type", type}, {"message.id", message.id}, {"message.payload", message.payload}}, message.at);
    } else {
      span.log("message", {{"message.type", type}, {"message.id", message.id}}, message.at);
    }
  }

  const GrpcOptions& options_;
  bool keeps_messages_ = false;
  std::mutex mutex_;
  std::vector<Message> messages_;
  std::size_t counts_[2] = {0, 0};  // received, sent
  Timestamp cancelled_at_{};
};

// The span of one call, on either side.
class GrpcSpan {
 public:
  GrpcSpan(std::shared_ptr<const GrpcOptions> options, const GrpcCall& call)
      : options_(std::move(options)), method_(call.method), call_(call), events_(*options_) {
    call_.method = method_;
  }

  void start(Kind kind, const Parent& parent) {
    const std::string name = options_->operation_name ? options_->operation_name(call_) : method_;
    span_ = v1::start_span(name, {.child_of = parent, .kind = kind});
    if (!span_.is_recording()) return;
    events_.keep_messages();
    span_.set_tag("component", "grpc").set_tag("grpc.method_type", grpc_type_name(call_.type));
    if (options_->operation_name) span_.set_tag("grpc.method_name", method_);
    if (options_->at_start) options_->at_start(span_, call_);
  }

  // Once; what is told later does not count.
  void finish(const ::grpc::Status& status, std::string_view peer) {
    if (!span_) return;
    events_.write_to(span_);
    if (!peer.empty()) span_.set_tag("peer.address", peer);
    const char* name = grpc_status_name(status.error_code());
    span_.set_tag("grpc.status", name).set_tag("grpc.status_code", static_cast<int>(status.error_code()));
    if (!status.ok()) span_.set_error(status.error_message().empty() ? name : name + (": " + status.error_message()));
    if (options_->at_finish) options_->at_finish(span_, call_, status);
    span_ = Span();
  }
  void give_up() {
    if (!span_) return;
    events_.write_to(span_);
    span_.set_error("given up without a status");
    span_ = Span();
  }

  const GrpcCall& call() const noexcept { return call_; }
  const Span& span() const noexcept { return span_; }
  Span& span() noexcept { return span_; }
  GrpcEvents& events() noexcept { return events_; }

 private:
  std::shared_ptr<const GrpcOptions> options_;
  std::string method_;
  GrpcCall call_;
  GrpcEvents events_;
  Span span_;
};

class GrpcClientInterceptor final : public ::grpc::experimental::Interceptor {
 public:
  // Made where the call is: what is active there is the parent.
  GrpcClientInterceptor(const std::shared_ptr<const GrpcOptions>& options, const GrpcCall& call) : span_(options, call) {
    span_.start(Kind::client, {});
  }
  ~GrpcClientInterceptor() override {
    if (status_) span_.finish(*status_, {});  // nobody has asked what became of a read
    span_.give_up();
  }

  void Intercept(GrpcBatch* batch) override {
    if (batch->QueryInterceptionHookPoint(GrpcHook::PRE_SEND_CANCEL)) {
      span_.events().note_cancel();
      return batch->Proceed();  // gRPC aborts if it is asked anything else about it
    }
    if (batch->QueryInterceptionHookPoint(GrpcHook::PRE_SEND_INITIAL_METADATA)) {
      inject_into_metadata(span_.span().context(), *batch->GetSendInitialMetadata());
    }
    span_.events().note_messages(batch);
    if (is_over(batch)) span_.finish(*status_, span_.call().client->peer());
    batch->Proceed();
  }

 private:
  // By the callbacks, the status may be there a moment before the last message is. There is a hook for the end of a read alone; where it
  // begins, the batch has a place for the message already.
  bool is_over(GrpcBatch* batch) {
    const bool has_read = batch->QueryInterceptionHookPoint(GrpcHook::POST_RECV_MESSAGE);
    const bool reads = !has_read && batch->GetRecvMessage();
    const std::lock_guard lock(mutex_);
    reads_ += reads - has_read;
    if (batch->QueryInterceptionHookPoint(GrpcHook::POST_RECV_STATUS)) status_ = *batch->GetRecvStatus();
    return status_ && reads_ <= 0 && !std::exchange(was_over_, true);
  }

  GrpcSpan span_;
  std::mutex mutex_;
  int reads_ = 0;  // under way
  std::optional<::grpc::Status> status_;
  bool was_over_ = false;
};

// Which span belongs to the context of a call that is being handled. gRPC has no room for it in the context itself.
class GrpcServerSpans {
 public:
  static GrpcServerSpans& instance() {
    static GrpcServerSpans* const spans = new GrpcServerSpans;  // never destroyed: a server may outlive main()
    return *spans;
  }
  void add(const ::grpc::ServerContextBase* context, const SpanRef& span) {
    const std::lock_guard lock(mutex_);
    spans_[context] = span;
  }
  void remove(const ::grpc::ServerContextBase* context) {
    const std::lock_guard lock(mutex_);
    spans_.erase(context);
  }
  SpanRef find(const ::grpc::ServerContextBase* context) const {
    const std::lock_guard lock(mutex_);
    const auto found = spans_.find(context);
    return found == spans_.end() ? SpanRef() : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<const ::grpc::ServerContextBase*, SpanRef> spans_;
};

class GrpcServerInterceptor final : public ::grpc::experimental::Interceptor {
 public:
  GrpcServerInterceptor(const std::shared_ptr<const GrpcOptions>& options, const GrpcCall& call) : span_(options, call) {}
  ~GrpcServerInterceptor() override {
    forget();
    span_.give_up();
  }

  void Intercept(GrpcBatch* batch) override {
    const bool is_first = batch->QueryInterceptionHookPoint(GrpcHook::POST_RECV_INITIAL_METADATA);
    if (is_first) start(*batch->GetRecvInitialMetadata());
    span_.events().note_messages(batch);
    // The end of the call. Before a status was sent that is the client's: it has cancelled, run out of time or gone away. Later it is too late to be written.
    if (batch->QueryInterceptionHookPoint(GrpcHook::POST_RECV_CLOSE)) span_.events().note_cancel();
    if (batch->QueryInterceptionHookPoint(GrpcHook::PRE_SEND_STATUS)) {
      forget();
      span_.finish(batch->GetSendStatus(), span_.call().server->peer());
    }
    if (!is_first) return batch->Proceed();
    // The handler runs in here, and this object may be gone afterwards.
    const Scope scope = activate(span_.span());
    batch->Proceed();
  }

 private:
  void start(const std::multimap<::grpc::string_ref, ::grpc::string_ref>& metadata) {
    span_.start(Kind::server, v1::extract(metadata));
    is_known_ = span_.span().context().is_valid();
    if (is_known_) GrpcServerSpans::instance().add(span_.call().server, span_.span());
  }
  void forget() {
    if (std::exchange(is_known_, false)) GrpcServerSpans::instance().remove(span_.call().server);
  }

  GrpcSpan span_;
  bool is_known_ = false;
};

class GrpcClientFactory final : public ::grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit GrpcClientFactory(GrpcOptions options) : options_(std::make_shared<const GrpcOptions>(std::move(options))) {}

  ::grpc::experimental::Interceptor* CreateClientInterceptor(::grpc::experimental::ClientRpcInfo* info) override {
    const GrpcCall call{info->method(), static_cast<GrpcCall::Type>(info->type()), info->client_context(), nullptr};
    if (options_->is_traced && !options_->is_traced(call)) return nullptr;
    return new GrpcClientInterceptor(options_, call);
  }

 private:
  std::shared_ptr<const GrpcOptions> options_;
};

class GrpcServerFactory final : public ::grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit GrpcServerFactory(GrpcOptions options) : options_(std::make_shared<const GrpcOptions>(std::move(options))) {}

  ::grpc::experimental::Interceptor* CreateServerInterceptor(::grpc::experimental::ServerRpcInfo* info) override {
    const GrpcCall call{info->method(), static_cast<GrpcCall::Type>(info->type()), nullptr, info->server_context()};
    if (options_->is_traced && !options_->is_traced(call)) return nullptr;
    return new GrpcServerInterceptor(options_, call);
  }

 private:
  std::shared_ptr<const GrpcOptions> options_;
};

}  // namespace detail

// For those who have other interceptors, too, and make the list themselves.
inline std::unique_ptr<::grpc::experimental::ClientInterceptorFactoryInterface> grpc_client_interceptor(GrpcOptions options = {}) {
  return std::make_unique<detail::GrpcClientFactory>(std::move(options));
}
inline std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface> grpc_server_interceptor(GrpcOptions options = {}) {
  return std::make_unique<detail::GrpcServerFactory>(std::move(options));
}

// A channel whose calls are traced.
inline std::shared_ptr<::grpc::Channel> grpc_traced_channel(const std::string& target,
                                                            const std::shared_ptr<::grpc::ChannelCredentials>& credentials,
                                                            GrpcOptions options = {}, const ::grpc::ChannelArguments& arguments = {}) {
  std::vector<std::unique_ptr<::grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(grpc_client_interceptor(std::move(options)));
  return ::grpc::experimental::CreateCustomChannelWithInterceptors(target, credentials, arguments, std::move(interceptors));
}

// The calls that the server will take are traced. It sets the builder's list of interceptors, of which there is one.
inline void grpc_trace(::grpc::ServerBuilder& builder, GrpcOptions options = {}) {
  std::vector<std::unique_ptr<::grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(grpc_server_interceptor(std::move(options)));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
}

// The span of a call that is being handled, on any thread; inert before and after. One thread at a time may use it.
inline SpanRef grpc_span(const ::grpc::ServerContextBase* context) { return detail::GrpcServerSpans::instance().find(context); }

}  // namespace jtrace::inline v1
