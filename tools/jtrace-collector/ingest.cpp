#include "ingest.h"

#include <optional>
#include <string>

#include "decode.h"
#include "html_escape.h"
#include "json_text.h"
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

// A google.rpc.Status, in the form of the request.
HttpResponse refusal(OtlpForm form, int status, const std::string& message) {
  const int code = status == 503 ? 14 : 3;  // unavailable, or invalid argument
  if (form == OtlpForm::kJson)
    return {status, "application/json", "{\"code\":" + std::to_string(code) + ",\"message\":" + json_string(message) + "}", {}};
  const std::string shown = message.substr(0, 127);  // a size of one byte
  std::string body{'\x08', static_cast<char>(code), '\x12', static_cast<char>(shown.size())};
  return {status, "application/x-protobuf", body + shown, {}};
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
  keep(decoded.spans);
  return {202, "", "", {}};
}

HttpResponse Ingest::handle_otlp(const HttpRequest& request) {
  if (request.path != "/v1/traces") return not_found();
  if (request.method != "POST") return plain_error(405, "405 method not allowed, supported: [POST]");
  const std::string type = parse_media_type(request.content_type.value_or("")).name;
  if (type != "application/json" && type != "application/x-protobuf")
    return plain_error(415, "415 unsupported media type, supported: [application/json, application/x-protobuf]");
  const OtlpForm form = type == "application/json" ? OtlpForm::kJson : OtlpForm::kProtobuf;
  if (check_encoding(request)) return refusal(form, 400, "unsupported Content-Encoding: " + request.content_encoding);
  if (request.body_state == BodyState::kBusy) return refusal(form, 503, "too many large requests at once");
  if (request.body_state != BodyState::kComplete)
    return refusal(form, 400, request.body_state == BodyState::kTooLarge ? "http: request body too large" : "unexpected EOF");
  return submit_otlp(request, form);
}

HttpResponse Ingest::submit_otlp(const HttpRequest& request, OtlpForm form) {
  Decoded decoded;
  {
    const std::lock_guard lock(decoding_);
    decoded = decode_otlp(request.body, form);
  }
  if (decoded.error) return refusal(form, 400, *decoded.error);
  keep(decoded.spans);
  return form == OtlpForm::kJson ? HttpResponse{200, "application/json", "{\"partialSuccess\":{}}", {}}
                                 : HttpResponse{200, "application/x-protobuf", "", {}};
}

bool Ingest::take(std::string_view datagram, Wire wire) {
  const Decoded decoded = decode_datagram(datagram, wire);
  if (decoded.error) return false;
  keep(decoded.spans);
  return true;
}

void Ingest::keep(const std::vector<SpanPtr>& spans) {
  if (spans.empty()) return;
  store_.add(spans, Store::Clock::now());
  on_spans_();
}

}  // namespace jtrace::collector
