// The ingest port as a whole: the server, before it the faults that were asked for, behind it the tee.
//
// Requests that --fail picks are answered here, late ones wait here, and what was accepted is passed on from here; what
// happens to connections is FaultFront's, which exists only when something does. Made by the collector; a test that
// wants a collector with faults in its own process makes a Store, an Ingest, a FaultPlan and one of these. `listen` and
// `stop` are called from one thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "fault_front.h"
#include "fault_plan.h"
#include "http_server.h"

namespace jtrace::collector {

class IngestPort {
 public:
  // Told of every body that was answered with 202.
  using OnAccepted = std::function<void(const std::string& body)>;

  IngestPort(HttpHandler ingest, HttpServer::Limits limits, FaultPlan& plan, OnAccepted on_accepted = {});
  ~IngestPort();  // stops
  IngestPort(const IngestPort&) = delete;
  IngestPort& operator=(const IngestPort&) = delete;

  // As HttpServer::listen. With --down-for the port is taken but refuses connections; `on_up` is told when that is over.
  [[nodiscard]] std::optional<std::string> listen(const std::string& host, int port, FaultFront::OnUp on_up = {});

  int port() const;

  // Accepts no more, answers who is being served, cutting waits short, and hangs up on the rest.
  void stop();

 private:
  HttpResponse handle(const HttpRequest& request);
  HttpResponse decide(const HttpRequest& request);
  void pause(std::chrono::milliseconds time);

  FaultPlan& plan_;
  const HttpHandler ingest_;
  const OnAccepted on_accepted_;
  std::unique_ptr<FaultFront> front_;  // null: nothing happens to connections

  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool is_stopping_ = false;  // guarded by mutex_

  HttpServer server_;  // the last, since its threads use all of the above
};

}  // namespace jtrace::collector
