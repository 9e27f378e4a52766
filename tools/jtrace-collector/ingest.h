// The ingest port, as Jaeger's :14268 behaves: `POST /api/traces` takes a batch and answers 202.
//
// Made by `main` and given to an HttpServer as its handler. What it accepts goes to the store; what it refuses is
// refused with the status and the words of current Jaegers, so that a client meets here what it will meet there.
#pragma once

#include <functional>
#include <mutex>

#include "decode.h"
#include "http.h"
#include "otlp_decode.h"
#include "store.h"

namespace jtrace::collector {

class Ingest {
 public:
  // `on_spans` is called after spans went into the store, from the server's threads.
  Ingest(Store& store, std::function<void()> on_spans) : store_(store), on_spans_(std::move(on_spans)) {}

  // Any thread.
  HttpResponse handle(const HttpRequest& request);
  // The port for OTLP: `POST /v1/traces`, JSON or protobuf, answers 200. Any thread.
  HttpResponse handle_otlp(const HttpRequest& request);
  // A datagram for an agent; false if it is no batch. Any thread.
  bool take(std::string_view datagram, Wire wire);

 private:
  void keep(const std::vector<SpanPtr>& spans);
  HttpResponse submit(const HttpRequest& request);
  HttpResponse submit_otlp(const HttpRequest& request, OtlpForm form);

  Store& store_;
  const std::function<void()> on_spans_;
  // Batches are decoded one at a time, so that what decoding takes on top of the bodies stays that of one.
  std::mutex decoding_;
};

}  // namespace jtrace::collector
