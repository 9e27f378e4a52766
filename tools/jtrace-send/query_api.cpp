#include "query_api.h"

#include <utility>

namespace jtrace_send {

QueryApi::QueryApi(Url base, std::chrono::milliseconds timeout, Reach reach)
    : base_(std::move(base)), client_(timeout, std::move(reach)) {}

LookUp QueryApi::look_up(jtrace::TraceId id) {
  const std::string hex = id.hex().str();
  if (!is_v3_missing_) {
    LookUp found = ask("/api/v3/traces/" + hex, read_v3);
    // Without any HTTP answer the second API would not answer either.
    if (found.is_answer || !answer_.is_http()) return found;
  }
  LookUp found = ask("/api/traces/" + hex, read_ui);
  is_v3_missing_ = found.is_answer;
  return found;
}

LookUp QueryApi::ask(const std::string& path, LookUp (*read)(std::string_view)) {
  Url url = base_;
  url.path += path;
  answer_ = client_.get(url);
  // "Not found" is an answer, too: both APIs say it in JSON.
  if (!answer_.is_http() || (answer_.status != 200 && answer_.status != 404)) return {};
  return read(answer_.body);
}

}  // namespace jtrace_send
