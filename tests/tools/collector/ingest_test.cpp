// Covers tools/jtrace-collector/ingest.h and media_type.h: the answers of the ingest port, word for word those of Jaeger.
#include "ingest.h"

#include <doctest/doctest.h>

#include <string>

#include "media_type.h"
#include "samples.h"

using namespace jtrace::collector;

namespace {

struct Desk {
  HttpResponse post(const std::string& body, std::optional<std::string> content_type = "application/x-thrift") {
    request.method = "POST";
    request.path = "/api/traces";
    request.content_type = std::move(content_type);
    request.body = body;
    return ingest.handle(request);
  }

  Store store{100 << 20};
  int arrivals = 0;
  Ingest ingest{store, [this] { ++arrivals; }};
  HttpRequest request;
};

void check(const HttpResponse& response, int status, const std::string& body) {
  CHECK(response.status == status);
  CHECK(response.body == body);
  if (!body.empty()) CHECK(response.content_type == "text/plain; charset=utf-8");
}

}  // namespace

TEST_CASE("a batch is accepted with 202 and nothing else, and kept") {
  Desk desk;
  check(desk.post(samples::golden_batch()), 202, "");
  CHECK(desk.store.stats().spans == 1);
  CHECK(desk.arrivals == 1);
}

TEST_CASE("both names of the content type are accepted, in any case and with parameters") {
  for (const char* type : {"application/vnd.apache.thrift.binary", "Application/X-Thrift; charset=utf-8", "application/x-thrift;"}) {
    Desk desk;
    CHECK_MESSAGE(desk.post(samples::golden_batch(), type).status == 202, type);
  }
}

TEST_CASE("other content types are refused with their names") {
  Desk desk;
  check(desk.post("x", std::nullopt), 400, "Cannot parse content type: mime: no media type\n");
  check(desk.post("x", "application/json"), 400, "Unsupported content type: application/json\n");
  check(desk.post("x", "te'xt/p"), 400, "Unsupported content type: te&#39;xt/p\n");
  check(desk.post("x", "application/x-thrift; a"), 400, "Cannot parse content type: mime: invalid media parameter\n");
}

TEST_CASE("a body that is no batch is refused with the reason") {
  Desk desk;
  check(desk.post(""), 400, "Unable to process request body: *jaeger.Batch field 0 read error: EOF\n");
  check(desk.post("hello"), 400, "Unable to process request body: Unknown data type 104\n");
  CHECK(desk.arrivals == 0);
}

TEST_CASE("a body that did not arrive whole is an error of 500") {
  Desk desk;
  desk.request.body_state = BodyState::kTooLarge;
  check(desk.post(""), 500, "Unable to process request body: http: request body too large\n");
  desk.request.body_state = BodyState::kBroken;
  check(desk.post(""), 500, "Unable to process request body: unexpected EOF\n");
  desk.request.body_state = BodyState::kBusy;
  check(desk.post(""), 500, "Cannot submit Jaeger batch: too many large requests at once\n");
}

TEST_CASE("a compression that is not known here is refused by name") {
  Desk desk;
  desk.request.content_encoding = "zstd";
  check(desk.post(samples::golden_batch()), 400, "unsupported Content-Encoding: zstd\n");
}

TEST_CASE("other methods and paths are answered as Go's router does") {
  Desk desk;
  desk.request.method = "GET";
  desk.request.path = "/api/traces";
  check(desk.ingest.handle(desk.request), 405, "");
  desk.request.path = "/";
  check(desk.ingest.handle(desk.request), 404, "404 page not found\n");
}

TEST_CASE("media types are judged as Go judges them") {
  CHECK(parse_media_type(" Text/Plain ; a=\"x \\\" y\"; b=c").name == "text/plain");
  CHECK(parse_media_type(" Text/Plain ; a=\"x \\\" y\"; b=c").error.empty());
  CHECK(parse_media_type("").error == "mime: no media type");
  CHECK(parse_media_type("a b").error == "mime: expected slash after first token");
  CHECK(parse_media_type("a/").error == "mime: expected token after slash");
  CHECK(parse_media_type("a/b/c").error == "mime: unexpected content after media subtype");
  CHECK(parse_media_type("a/b; x=1; X=2").error == "mime: duplicate parameter name");
  CHECK(parse_media_type("a/b; x=\"y").error == "mime: invalid media parameter");
}
