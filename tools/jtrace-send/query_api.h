// QueryApi: looks traces up in Jaeger's query API, the stable one (/api/v3/traces/{id}) first and the UI's
// own
// (/api/traces/{id}) where the first is not there. It remembers which of the two answered. One per thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "http_client.h"
#include "jtrace/span_context.h"
#include "seen_trace.h"
#include "url.h"

namespace jtrace_send {

class QueryApi {
 public:
  QueryApi(Url base, std::chrono::milliseconds timeout, Reach reach);

  // is_answer is false if neither API answered; last_answer() tells what came instead.
  LookUp look_up(jtrace::TraceId id);
  const HttpAnswer& last_answer() const { return answer_; }

 private:
  LookUp ask(const std::string& path, LookUp (*read)(std::string_view));

  Url base_;
  HttpClient client_;
  HttpAnswer answer_;
  bool is_v3_missing_ = false;
};

}  // namespace jtrace_send
