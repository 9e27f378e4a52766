// The query port, as Jaeger's :16686: JSON for programs and pages for people.
//
// Made by `main` and given to an HttpServer as its handler. Routes, statuses and words of the JSON follow Jaeger's
// query service; the pages are our own and need no script. All methods may be called from any thread.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "http.h"
#include "store.h"

namespace jtrace::collector {

class Query {
 public:
  // What /api/faults answers; the collector knows it.
  using Faults = std::function<std::string()>;

  explicit Query(const Store& store, Faults faults = {}) : store_(store), faults_(std::move(faults)) {}

  HttpResponse handle(const HttpRequest& request) const;

 private:
  // `rest` is what follows the route's fixed part of the path.
  using Route = HttpResponse (Query::*)(const HttpRequest& request, const std::string& rest) const;
  struct Entry {
    std::string path;  // ending in '/': a prefix, and `rest` is not empty
    Route route;
  };

  HttpResponse dispatch(const HttpRequest& request, const Entry& entry) const;

  HttpResponse ui_traces(const HttpRequest& request, const std::string& rest) const;
  HttpResponse ui_one_trace(const HttpRequest& request, const std::string& rest) const;
  HttpResponse ui_services(const HttpRequest& request, const std::string& rest) const;
  HttpResponse ui_service_operations(const HttpRequest& request, const std::string& rest) const;
  HttpResponse ui_operations(const HttpRequest& request, const std::string& rest) const;
  HttpResponse v3_traces(const HttpRequest& request, const std::string& rest) const;
  HttpResponse v3_one_trace(const HttpRequest& request, const std::string& rest) const;
  HttpResponse v3_services(const HttpRequest& request, const std::string& rest) const;
  HttpResponse v3_operations(const HttpRequest& request, const std::string& rest) const;
  HttpResponse search(const HttpRequest& request, const std::string& rest) const;
  HttpResponse one_trace(const HttpRequest& request, const std::string& rest) const;
  HttpResponse health(const HttpRequest& request, const std::string& rest) const;
  HttpResponse faults(const HttpRequest& request, const std::string& rest) const;
  HttpResponse to_search(const HttpRequest& request, const std::string& rest) const;

  const Store& store_;
  const Faults faults_;
};

}  // namespace jtrace::collector
