#include "ingest.h"

#include <optional>
#include <string>

#include "decode.h"
#include "html_escape.h"
#include "media_type.h"

namespace jtrace::collector {
namespace {

std::optional<HttpResponse> check_content_type(const HttpRequest& request) {
  const MediaType type = parse_media_type(request.content_type.value_or(""));
  if (!type.error.empty()) return plain_error(400, "Cannot parse content type: " + type.error);
  if (type.name == "application/x-thrift" || type.name == "application/vnd.apache.thrift.binary") return {};
  return plain_error(400, "Unsupported content type: " + escape_html(type.name));
}

// gzip and deflate are undone before we get here; the others that Jaeger v2 knows are not known here.
std::optional<HttpResponse> check_encoding(const HttpRequest& request) {
  const std::string& encoding = request.content_encoding;
  if (encoding.empty() || encoding == "identity" || encoding == "gzip" || encoding == "deflate") return {};
  return plain_error(400, "unsupported Content-Encoding: " + encoding);
}

std::optional<HttpResponse> check_body(BodyState state) {
  switch (state) {
    case BodyState::kComplete:
      return {};
    case BodyState::kTooLarge:
      return plain_error(500, "Unable to process request body: http: request body too large");
    case BodyState::kBusy:
      return plain_error(500, "Cannot submit Jaeger batch: too many large requests at once");
    case BodyState::kBroken:
      break;
  }
  return plain_error(500, "Unable to process request body: unexpected EOF");
}

}  // namespace

HttpResponse Ingest::handle(const HttpRequest& request) {
  if (request.path != "/api/traces") return not_found();
  if (request.method != "POST") return method_not_allowed();
  if (auto refusal = check_encoding(request)) return *refusal;
  // Jaeger reads the body first and looks at its type afterwards.
  if (auto refusal = check_body(request.body_state)) return *refusal;
  if (auto refusal = check_content_type(request)) return *refusal;
  return submit(request);
}

HttpResponse Ingest::submit(const HttpRequest& request) {
  Decoded decoded;
  {
    const std::lock_guard lock(decoding_);
    decoded = decode_batch(request.body);
  }
  if (decoded.error) return plain_error(400, "Unable to process request body: " + *decoded.error);
  if (!decoded.spans.empty()) {
    store_.add(decoded.spans, Store::Clock::now());
    on_spans_();
  }
  return {202, "", "", {}};
}

}  // namespace jtrace::collector
