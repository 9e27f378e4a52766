#include "samples.h"

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <memory>

#include "jaeger_types.h"

namespace samples {
namespace {

namespace wire = ::jaeger::thrift;
using jtrace::collector::Binary;
using jtrace::collector::Value;

std::int64_t to_signed(std::uint64_t id) { return static_cast<std::int64_t>(id); }

wire::Tag to_wire(const Tag& tag) {
  wire::Tag made;
  made.__set_key(tag.key);
  if (const auto* text = std::get_if<std::string>(&tag.value)) {
    made.__set_vType(wire::TagType::STRING);
    made.__set_vStr(*text);
  } else if (const auto* number = std::get_if<double>(&tag.value)) {
    made.__set_vType(wire::TagType::DOUBLE);
    made.__set_vDouble(*number);
  } else if (const auto* flag = std::get_if<bool>(&tag.value)) {
    made.__set_vType(wire::TagType::BOOL);
    made.__set_vBool(*flag);
  } else if (const auto* whole = std::get_if<std::int64_t>(&tag.value)) {
    made.__set_vType(wire::TagType::LONG);
    made.__set_vLong(*whole);
  } else {
    made.__set_vType(wire::TagType::BINARY);
    made.__set_vBinary(std::get<Binary>(tag.value).bytes);
  }
  return made;
}

std::vector<wire::Tag> to_wire(const std::vector<Tag>& tags) {
  std::vector<wire::Tag> made;
  for (const Tag& tag : tags) made.push_back(to_wire(tag));
  return made;
}

std::vector<wire::Log> to_wire(const std::vector<Log>& logs) {
  std::vector<wire::Log> made;
  for (const Log& log : logs) {
    made.emplace_back();
    made.back().__set_timestamp(log.timestamp);
    made.back().__set_fields(to_wire(log.fields));
  }
  return made;
}

std::vector<wire::SpanRef> to_wire(const std::vector<Reference>& references) {
  std::vector<wire::SpanRef> made;
  for (const Reference& reference : references) {
    made.emplace_back();
    made.back().__set_refType(reference.follows_from ? wire::SpanRefType::FOLLOWS_FROM : wire::SpanRefType::CHILD_OF);
    made.back().__set_traceIdHigh(to_signed(reference.trace_id.high));
    made.back().__set_traceIdLow(to_signed(reference.trace_id.low));
    made.back().__set_spanId(to_signed(reference.span_id));
  }
  return made;
}

wire::Span to_wire(const SpanSample& sample) {
  wire::Span span;
  span.__set_traceIdLow(to_signed(sample.trace_id.low));
  span.__set_traceIdHigh(to_signed(sample.trace_id.high));
  span.__set_spanId(to_signed(sample.id));
  span.__set_parentSpanId(to_signed(sample.parent));
  span.__set_operationName(sample.name);
  if (!sample.references.empty()) span.__set_references(to_wire(sample.references));
  span.__set_flags(sample.flags);
  span.__set_startTime(kStart + sample.after);
  span.__set_duration(sample.duration);
  if (!sample.tags.empty()) span.__set_tags(to_wire(sample.tags));
  if (!sample.logs.empty()) span.__set_logs(to_wire(sample.logs));
  return span;
}

}  // namespace

SpanPtr to_span(const SpanSample& sample, const std::string& service) {
  auto span = std::make_shared<jtrace::collector::Span>();
  span->trace_id = sample.trace_id;
  span->span_id = sample.id;
  span->operation = sample.name;
  span->references = sample.references;
  if (sample.parent != 0) span->references.insert(span->references.begin(), {false, sample.trace_id, sample.parent});
  span->flags = sample.flags;
  span->start = kStart + sample.after;
  span->duration = sample.duration;
  span->tags = sample.tags;
  span->logs = sample.logs;
  span->process = std::make_shared<const Process>(Process{service, {}});
  return span;
}

Trace to_trace(const std::vector<SpanSample>& samples, const std::string& service) {
  Trace trace{samples.front().trace_id, {}};
  for (const SpanSample& sample : samples) trace.spans.push_back(to_span(sample, service));
  return trace;
}

std::string batch_bytes(const std::vector<SpanSample>& samples, const std::string& service,
                        const std::vector<Tag>& process_tags) {
  wire::Batch batch;
  batch.process.__set_serviceName(service);
  if (!process_tags.empty()) batch.process.__set_tags(to_wire(process_tags));
  for (const SpanSample& sample : samples) batch.spans.push_back(to_wire(sample));
  auto buffer = std::make_shared<apache::thrift::transport::TMemoryBuffer>();
  apache::thrift::protocol::TBinaryProtocol protocol(buffer);
  batch.write(&protocol);
  return buffer->getBufferAsString();
}

std::string golden_batch() {
  return from_hex(
      "0c00010b0001000000037376630f00020c000000010b000100000008686f73746e616d65080002000000000b00030000"
      "00016800000f00020c000000010a000101020304050607080a000200000000000000000a0003ffffffffffffffff0a00"
      "0400000000000000000b0005000000026f70080007000000010a00080005af3107a400000a000900000000000003e80f"
      "000a0c000000040b00010000000173080002000000000b00030000000176000b00010000000162080002000000020200"
      "0501000b0001000000016c080002000000030a0006fffffffffffffffe000b0001000000016408000200000001040004"
      "3fe0000000000000000f000b0c000000010a00010005af3107a401f40f00020c000000010b0001000000056576656e74"
      "080002000000000b0003000000016500000000");
}

std::string golden_datagram() {
  return from_hex(
      "82810109656d697442617463681c1c1803737663191c1808686f73746e616d6515001801680000191c16909cb0d080c1"
      "81820216001601160018026f702502168080a0faa0ccd70516d00f194c1801731500180176001801621504310018016c"
      "1506460300180164150227000000000000e03f00191c16e887a0faa0ccd705191c18056576656e741500180165000000"
      "0000");
}

std::string golden_binary_datagram() {
  return from_hex("80010004 00000009") + "emitBatch" + from_hex("00000001 0c0001") + golden_batch() + from_hex("00");
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  std::string digits;
  for (char character : hex) {
    if (character == ' ' || character == '\n') continue;
    digits += character;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return bytes;
}

}  // namespace samples
