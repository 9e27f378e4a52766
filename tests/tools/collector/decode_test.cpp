// Covers tools/jtrace-collector/batch_check.h and decode.h: which bytes are a batch, what becomes of it, and that a
// body that claims much costs little.
#include "decode.h"

#include <doctest/doctest.h>

#include <string>

#include "batch_check.h"
#include "samples.h"

using namespace jtrace::collector;
using samples::from_hex;
using samples::SpanSample;

namespace {

// The start of a batch: field 2, a list of structs, of a claimed length.
std::string list_of_spans(const std::string& length) { return from_hex("0f 0002 0c" + length); }

// An unknown field 99 that holds structs in structs.
std::string nested_structs(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes += from_hex("0c 0063");
  return bytes + std::string(static_cast<std::size_t>(depth), '\0');
}

const Value& value_of(const Span& span, const std::string& key) {
  const Value* value = find_tag(span.tags, key);
  REQUIRE_MESSAGE(value, key);
  return *value;
}

}  // namespace

TEST_CASE("the printed vector of the protocol decodes to what it says") {
  const Decoded decoded = decode_batch(samples::golden_batch());
  REQUIRE_FALSE(decoded.error);
  REQUIRE(decoded.spans.size() == 1);
  const Span& span = *decoded.spans[0];
  CHECK(span.trace_id == TraceId{0, 0x0102030405060708});
  CHECK(span.span_id == 0xffffffffffffffff);
  CHECK(span.operation == "op");
  CHECK(span.references.empty());
  CHECK(span.flags == 1);
  CHECK(span.start == 1600000000000000);
  CHECK(span.duration == 1000);
  CHECK(std::get<std::string>(value_of(span, "s")) == "v");
  CHECK(std::get<bool>(value_of(span, "b")));
  CHECK(std::get<std::int64_t>(value_of(span, "l")) == -2);
  CHECK(std::get<double>(value_of(span, "d")) == 0.5);
  REQUIRE(span.logs.size() == 1);
  CHECK(span.logs[0].timestamp == 1600000000000500);
  CHECK(span.process->service == "svc");
}

TEST_CASE("every construct that Thrift writes comes out as it went in") {
  SpanSample sample;
  sample.trace_id = {0xfedcba9876543210, 0x8000000000000001};
  sample.tags = {{"bytes", Binary{std::string("\0\xff", 2)}}, {"text", "测试"}, {"no", false}, {"least", INT64_MIN}};
  sample.logs = {{samples::kStart + 5, {{"event", "e"}, {"n", std::int64_t{1}}}}};
  sample.references = {{true, {1, 2}, 3}, {false, sample.trace_id, 4}};
  const Decoded decoded = decode_batch(samples::batch_bytes({sample}, "测试应用名称", {{"ip", "::1"}}));
  REQUIRE_FALSE(decoded.error);
  const Span& span = *decoded.spans.at(0);
  CHECK(span.trace_id == sample.trace_id);
  CHECK(span.tags == sample.tags);
  CHECK(span.logs == sample.logs);
  CHECK(span.references == sample.references);
  CHECK(*span.process == Process{"测试应用名称", {{"ip", "::1"}}});
}

TEST_CASE("a parent that no reference names becomes the first reference") {
  SpanSample sample;
  sample.parent = 7;
  sample.references = {{true, {1, 2}, 7}};
  const Decoded decoded = decode_batch(samples::batch_bytes({sample}));
  const auto& references = decoded.spans.at(0)->references;
  REQUIRE(references.size() == 2);
  CHECK(references[0] == Reference{false, sample.trace_id, 7});
}

TEST_CASE("a parent that a reference names already is not named twice") {
  SpanSample sample;
  sample.parent = 7;
  sample.references = {{true, sample.trace_id, 7}};
  CHECK(decode_batch(samples::batch_bytes({sample})).spans.at(0)->references.size() == 1);
}

TEST_CASE("a negative duration counts as none") {
  SpanSample sample;
  sample.duration = -5;
  CHECK(decode_batch(samples::batch_bytes({sample})).spans.at(0)->duration == 0);
}

TEST_CASE("a tag of an unknown type becomes a text that says so") {
  std::string bytes = samples::batch_bytes({SpanSample{.tags = {{"k", "v"}}}});
  const auto type = bytes.find(from_hex("080002 00000000"), bytes.find('k')) + 6;
  bytes[type] = 99;
  const Decoded decoded = decode_batch(bytes);
  REQUIRE_FALSE(decoded.error);
  CHECK(std::get<std::string>(decoded.spans.at(0)->tags.at(0).value) == "Unknown VType: 99");
}

TEST_CASE("a batch without spans and bytes behind a batch are fine") {
  CHECK_FALSE(decode_batch(samples::batch_bytes({})).error);
  CHECK_FALSE(decode_batch(samples::golden_batch() + "more").error);
}

TEST_CASE("unknown fields are skipped, as deep as Jaeger follows them and no deeper") {
  CHECK_FALSE(find_fault(nested_structs(64) + samples::golden_batch()));
  CHECK_FALSE(decode_batch(nested_structs(64) + samples::golden_batch()).error);
  CHECK(find_fault(nested_structs(65) + samples::golden_batch()) == "Depth limit exceeded");
  CHECK(find_fault(nested_structs(1'000'000)) == "Depth limit exceeded");
}

TEST_CASE("the faults are told with the words of Jaeger") {
  CHECK(find_fault("") == "*jaeger.Batch field 0 read error: EOF");
  CHECK(find_fault(from_hex("00")) == "Required field Process is not set");
  CHECK(find_fault("hello") == "Unknown data type 104");
  CHECK(find_fault(from_hex("ff 0001")) == "Unknown data type 255");
  CHECK(find_fault(list_of_spans("00000001 00")) ==
        "*jaeger.Span error reading struct: Required field TraceIdLow is not set");
  CHECK(find_fault(samples::golden_batch().substr(0, 200)) ==
        "*jaeger.Span error reading struct: *jaeger.Tag error reading struct: error reading field 1: unexpected EOF");
}

TEST_CASE("every truncation of a batch is refused") {
  const std::string whole = samples::golden_batch();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_MESSAGE(decode_batch(std::string_view(whole).substr(0, size)).error, size);
  }
}

TEST_CASE("no single changed byte does worse than to be refused") {
  const std::string whole = samples::golden_batch();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value : {0x00, 0x01, 0x0b, 0x0c, 0x0d, 0x0f, 0x7f, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const Decoded decoded = decode_batch(changed);
      CHECK((decoded.error || decoded.spans.size() <= 1));
    }
  }
}

TEST_CASE("lengths that the bytes cannot hold are refused") {
  CHECK(find_fault(list_of_spans("7fffffff")) == "error reading list begin: size exceeded max allowed: 2147483647");
  CHECK(find_fault(list_of_spans("80000000")) == "error reading list begin: negative size: -2147483648");
  CHECK(find_fault(list_of_spans("06400000")) == "*jaeger.Span error reading struct: *jaeger.Span field 0 read error: EOF");
  // A list of structs that are one byte each would need room for 100 million spans.
  CHECK(find_fault(list_of_spans("05f5e100") + std::string(1000, '\0')) ==
        "*jaeger.Span error reading struct: Required field TraceIdLow is not set");
  CHECK(find_fault(from_hex("0c0001 0b0001 7fffffff")) ==
        "*jaeger.Process error reading struct: error reading field 1: size exceeded max allowed: 2147483647");
  CHECK(find_fault(from_hex("0c0001 0b0001 06400000") + "short") ==
        "*jaeger.Process error reading struct: error reading field 1: EOF");
  CHECK(find_fault(from_hex("0d0063 0b0b 7fffffff")) == "size exceeded max allowed: 2147483647");
}

TEST_CASE("a datagram for an agent holds one batch, in either protocol") {
  for (const auto& [bytes, wire] : {std::pair(samples::golden_datagram(), Wire::kCompact), std::pair(samples::golden_binary_datagram(), Wire::kBinary)}) {
    const Decoded decoded = decode_datagram(bytes, wire);
    CHECK_FALSE(decoded.error);
    REQUIRE(decoded.spans.size() == 1);
    const Span& span = *decoded.spans[0];
    CHECK(span.operation == "op");
    CHECK(span.span_id == 0xffffffffffffffff);
    CHECK(span.process->service == "svc");
    CHECK(span.tags.size() == 4);
    CHECK(span.logs.size() == 1);
    CHECK(fingerprint(span) == fingerprint(*decode_batch(samples::golden_batch()).spans[0]));
  }
}

TEST_CASE("a datagram of some bytes that claims two billion spans is refused before room is made for them") {
  using namespace std::string_literals;
  const std::string compact = "\x82\x81\x01\x09" "emitBatch\x1c\x1c\x18\x01s\0\x19\xfc\xff\xff\xff\xff\x07\0\0\0"s;
  const std::string binary = "\x80\x01\0\x04\0\0\0\x09" "emitBatch\0\0\0\x01\x0c\0\x01\x0c\0\x01\x0b\0\x01\0\0\0\x01s\0\x0f\0\x02\x0c\x7f\xff\xff\xff\0\0"s;
  CHECK(decode_datagram(compact, Wire::kCompact).error.value_or("").starts_with("TProtocolException: "));
  CHECK(decode_datagram(binary, Wire::kBinary).error.value_or("").starts_with("TProtocolException: "));
}

TEST_CASE("every beginning of a datagram is refused, and none of them costs much") {
  const std::string whole = samples::golden_datagram();
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(decode_datagram(whole.substr(0, size), Wire::kCompact).error);
  const std::string binary = samples::golden_binary_datagram();
  for (std::size_t size = 0; size < binary.size(); ++size) CHECK(decode_datagram(binary.substr(0, size), Wire::kBinary).error);
}

TEST_CASE("another call than emitBatch is refused by its name") {
  std::string bytes = samples::golden_datagram();
  bytes.replace(bytes.find("emitBatch"), 9, "emitBotch");
  CHECK(decode_datagram(bytes, Wire::kCompact).error == "unknown method emitBotch");
}
