#include "ingest_port.h"

#include <utility>

namespace jtrace::collector {
namespace {

HttpResponse injected(const FailRule& rule) {
  HttpResponse response = plain_error(rule.status, "injected by --fail " + std::to_string(rule.status));
  if (!rule.header_name.empty()) response.headers.emplace_back(rule.header_name, rule.header_value);
  return response;
}

}  // namespace

IngestPort::IngestPort(HttpHandler ingest, HttpServer::Limits limits, FaultPlan& plan, OnAccepted on_accepted)
    : plan_(plan),
      ingest_(std::move(ingest)),
      on_accepted_(std::move(on_accepted)),
      server_([this](const HttpRequest& request) { return handle(request); }, limits) {}

IngestPort::~IngestPort() { stop(); }

std::optional<std::string> IngestPort::listen(const std::string& host, int port, FaultFront::OnUp on_up) {
  const FaultOptions options = plan_.options();
  if (!options.on_connections()) return server_.listen(host, port);
  if (auto problem = server_.listen("127.0.0.1", 0)) return problem;
  front_ = std::make_unique<FaultFront>(plan_);
  return front_->listen(host, port, server_.port(), options.down_for, std::move(on_up));
}

int IngestPort::port() const { return front_ ? front_->port() : server_.port(); }

void IngestPort::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_requested_.notify_all();
  if (front_) front_->stop_accepting();
  server_.stop();
  if (front_) front_->stop();
}

// A request that broke off meets no fault and does not count: nobody reads its answer.
HttpResponse IngestPort::handle(const HttpRequest& request) {
  return request.body_state == BodyState::kBroken ? ingest_(request) : decide(request);
}

HttpResponse IngestPort::decide(const HttpRequest& request) {
  const FaultPlan::RequestFate fate = plan_.next_request();
  pause(fate.wait);
  if (fate.fail) {
    plan_.count_failed(fate.fail->status);
    return injected(*fate.fail);
  }
  HttpResponse response = ingest_(request);
  if (response.status != 202) {
    plan_.count_refused();
    return response;
  }
  plan_.count_accepted();
  if (on_accepted_) on_accepted_(request.body);
  return response;
}

void IngestPort::pause(std::chrono::milliseconds time) {
  if (time.count() == 0) return;
  plan_.count_delayed();
  std::unique_lock lock(mutex_);
  stop_requested_.wait_for(lock, time, [this] { return is_stopping_; });
}

}  // namespace jtrace::collector
