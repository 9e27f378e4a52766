// The query port, as Jaeger's :16686: JSON for programs and pages for people.
//
// Made by `main` and given to an HttpServer as its handler. Routes and words follow Jaeger's query service; the pages
// are our own and need no script.
#pragma once

#include "http.h"
#include "store.h"

namespace jtrace::collector {

class Query {
 public:
  explicit Query(const Store& store) : store_(store) {}

  // Any thread.
  HttpResponse handle(const HttpRequest& request) const;

 private:
  const Store& store_;
};

}  // namespace jtrace::collector
