// Covers tools/jtrace-collector/otlp_decode.h and otlp_protobuf.h: OTLP as others write it, and what is none.
#include "otlp_decode.h"

#include <doctest/doctest.h>

#include <string>

#include "samples.h"

using namespace jtrace::collector;

namespace {

std::string request(const std::string& span, const std::string& resource = "{}") {
  return "{\"resourceSpans\":[{\"resource\":" + resource + ",\"scopeSpans\":[{\"scope\":{\"name\":\"lib\",\"version\":\"2\"},\"spans\":[" + span + "]}]}]}";
}
const std::string kIds = R"("traceId":"0000000000000ABC0000000000000def","spanId":"00000000000000FF")";

std::string error(const std::string& body, OtlpForm form = OtlpForm::kJson) {
  const Decoded decoded = decode_otlp(body, form);
  CHECK(decoded.spans.empty());
  return decoded.error.value_or("none");
}

std::string text(const Span& span, const char* key) {
  for (const Tag& tag : span.tags) {
    if (tag.key == key) return std::get<std::string>(tag.value);
  }
  return "none";
}

}  // namespace

TEST_CASE("a span of OTLP becomes one of Jaeger's") {
  const std::string span = "{" + kIds + R"(,"parentSpanId":"0000000000000001","name":"op","kind":3,"flags":257,
    "startTimeUnixNano":"1600000000000000999","endTimeUnixNano":1600000000001000999,
    "attributes":[{"key":"n","value":{"intValue":"-5"}},{"key":"m","value":{"intValue":7}},{"key":"a","value":{"arrayValue":{"values":[{"stringValue":"x"},{"boolValue":true}]}}},
                  {"key":"b","value":{"bytesValue":"AP8="}},{"key":"o","value":{"kvlistValue":{"values":[{"key":"k","value":{"doubleValue":0.5}}]}}}],
    "events":[{"timeUnixNano":"1600000000000500000","name":"sent","attributes":[{"key":"bytes","value":{"intValue":"512"}}]}],
    "links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002"}],
    "status":{"code":2,"message":"broken"},"unknown":[1,2]})";
  const Decoded decoded = decode_otlp(request(span, R"({"attributes":[{"key":"service.name","value":{"stringValue":"svc"}},{"key":"host.name","value":{"stringValue":"h"}}]})"), OtlpForm::kJson);
  REQUIRE_MESSAGE(!decoded.error, *decoded.error);
  REQUIRE(decoded.spans.size() == 1);
  const Span& found = *decoded.spans[0];
  CHECK(found.trace_id == TraceId{0xabc, 0xdef});
  CHECK(found.span_id == 0xff);
  CHECK(found.flags == 1);
  CHECK(found.start == 1600000000000000);
  CHECK(found.duration == 1000);
  CHECK(found.references == std::vector<Reference>{{false, {0xabc, 0xdef}, 1}, {true, {0, 1}, 2}});
  CHECK(found.tags[0] == Tag{"n", std::int64_t{-5}});
  CHECK(found.tags[1] == Tag{"m", std::int64_t{7}});
  CHECK(found.tags[3] == Tag{"b", Binary{std::string("\0\xff", 2)}});
  CHECK(text(found, "a") == R"(["x",true])");
  CHECK(text(found, "o") == R"({"k":0.5})");
  CHECK(text(found, "span.kind") == "client");
  CHECK(text(found, "otel.status_description") == "broken");
  CHECK(text(found, "otel.scope.name") == "lib");
  CHECK(found.logs == std::vector<Log>{{1600000000000500, {{"event", std::string("sent")}, {"bytes", std::int64_t{512}}}}});
  CHECK(found.process->service == "svc");
  CHECK(found.process->tags == std::vector<Tag>{{"host.name", std::string("h")}});
}

TEST_CASE("what is missing has Jaeger's default, and a wrong id is an error") {
  CHECK(decode_otlp("{}", OtlpForm::kJson).spans.empty());
  CHECK_FALSE(decode_otlp("{}", OtlpForm::kJson).error);
  CHECK_FALSE(decode_otlp("", OtlpForm::kProtobuf).error);
  const Decoded bare = decode_otlp(request("{" + kIds + "}"), OtlpForm::kJson);
  REQUIRE(bare.spans.size() == 1);
  CHECK(bare.spans[0]->process->service == "OTLPResourceNoServiceName");
  CHECK(error(request("{}")) == "invalid length or digits of traceId");
  CHECK(error(request(R"({"traceId":"0000000000000abc0000000000000def","spanId":"xyz"})")) == "invalid length or digits of spanId");
}

TEST_CASE("what is no request is refused, however it is made") {
  CHECK(error("") != "none");
  CHECK(error("[]") == "json: not an object");
  CHECK(error("{\"resourceSpans\":") != "none");
  CHECK(error(std::string(100'000, '[')) != "none");
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "{\"a\":";
  CHECK(error(nested) == "json: nested too deeply");
  CHECK(error("\x0a\x05\x0a", OtlpForm::kProtobuf) == "proto: unexpected EOF");
  CHECK(error("\x0b", OtlpForm::kProtobuf) == "proto: cannot parse reserved wire type");
  CHECK(error(std::string(20, '\xff'), OtlpForm::kProtobuf) == "proto: integer overflow");
  for (const char* odd : {R"({"resourceSpans":5})", R"({"resourceSpans":[5]})", R"({"resourceSpans":{"scopeSpans":"x"}})"})
    CHECK(decode_otlp(odd, OtlpForm::kJson).spans.empty());
}

TEST_CASE("values of protobuf that nest without end are refused") {
  std::string value = "\x0a\x01x";
  const auto wrap = [&](char head) {
    std::string size;
    for (std::size_t left = value.size(); size.empty() || left != 0; left >>= 7) size += static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    value = head + size + value;
  };
  for (int i = 0; i < 200; ++i) wrap('\x0a'), wrap('\x2a');       // values 1, arrayValue 5
  for (const char head : {'\x12', '\x4a', '\x12', '\x12', '\x0a'}) wrap(head);  // value, attributes, spans, scope spans, resource spans
  CHECK(error(value, OtlpForm::kProtobuf) == "proto: exceeded maximum recursion depth");
}
