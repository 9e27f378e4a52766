#include "decode.h"

#include <algorithm>
#include <iterator>
#include <thrift/TConfiguration.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <utility>

#include "batch_check.h"
#include "jaeger_types.h"

namespace jtrace::collector {
namespace {

namespace wire = ::jaeger::thrift;
using apache::thrift::protocol::TType;

using Buffer = apache::thrift::transport::TMemoryBuffer;

// Thrift holds the length of a list against a guess of what its elements take, and refuses element types that it does
// not know, even of lists that are empty. The check has done the first better, and Jaeger does not do the second.
class Protocol : public apache::thrift::protocol::TBinaryProtocolT<Buffer> {
 public:
  using TBinaryProtocolT::TBinaryProtocolT;
  int getMinSerializedSize(TType) override { return 0; }
};

std::uint64_t unsign(std::int64_t id) { return static_cast<std::uint64_t>(id); }

// A tag of a type that we do not know becomes a text that says so, as Jaeger does it.
Value take_value(wire::Tag& tag) {
  switch (tag.vType) {
    case wire::TagType::STRING:
      return std::move(tag.vStr);
    case wire::TagType::DOUBLE:
      return tag.vDouble;
    case wire::TagType::BOOL:
      return tag.vBool;
    case wire::TagType::LONG:
      return tag.vLong;
    case wire::TagType::BINARY:
      return Binary{std::move(tag.vBinary)};
    default:
      return "Unknown VType: " + std::to_string(static_cast<int>(tag.vType));
  }
}

std::vector<Tag> take_tags(std::vector<wire::Tag>& tags) {
  std::vector<Tag> taken;
  taken.reserve(tags.size());
  for (wire::Tag& tag : tags) {
    std::string key = std::move(tag.key);
    taken.push_back({std::move(key), take_value(tag)});
  }
  return taken;
}

std::vector<Log> take_logs(std::vector<wire::Log>& logs) {
  std::vector<Log> taken;
  taken.reserve(logs.size());
  for (wire::Log& log : logs) taken.push_back({log.timestamp, take_tags(log.fields)});
  return taken;
}

// The references as sent; a parent that none of them names is put first, as child of.
std::vector<Reference> take_references(const wire::Span& span, const TraceId& trace_id) {
  std::vector<Reference> references;
  references.reserve(span.references.size() + 1);
  for (const wire::SpanRef& from : span.references) {
    const bool follows_from = from.refType == wire::SpanRefType::FOLLOWS_FROM;
    references.push_back({follows_from, {unsign(from.traceIdHigh), unsign(from.traceIdLow)}, unsign(from.spanId)});
  }
  const std::uint64_t parent = unsign(span.parentSpanId);
  const bool named = std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
    return reference.span_id == parent && reference.trace_id == trace_id;
  });
  if (parent != 0 && !named) references.insert(references.begin(), {false, trace_id, parent});
  references.shrink_to_fit();
  return references;
}

std::shared_ptr<Span> take_span(wire::Span& from) {
  auto span = std::make_shared<Span>();
  span->trace_id = {unsign(from.traceIdHigh), unsign(from.traceIdLow)};
  span->span_id = unsign(from.spanId);
  span->operation = std::move(from.operationName);
  span->references = take_references(from, span->trace_id);
  span->flags = from.flags;
  span->start = from.startTime;
  span->duration = std::max<std::int64_t>(from.duration, 0);
  span->tags = take_tags(from.tags);
  span->logs = take_logs(from.logs);
  return span;
}

ProcessPtr take_process(wire::Process& from) {
  auto process = std::make_shared<Process>();
  process->service = std::move(from.serviceName);
  process->tags = take_tags(from.tags);
  return process;
}

// Reads the two fields of a batch that matter; sequence number and client statistics are skipped.
class BatchReader {
 public:
  explicit BatchReader(std::string_view body) : protocol_(observe(body)) {}

  // The spans of the batch, each with its process. Throws Thrift's exceptions.
  std::vector<SpanPtr> read() {
    std::string name;
    TType type{};
    std::int16_t id = 0;
    while (true) {
      protocol_.readFieldBegin(name, type, id);
      if (type == apache::thrift::protocol::T_STOP) break;
      read_field(type, id);
    }
    for (const auto& span : spans_) span->process = process_;
    return {std::make_move_iterator(spans_.begin()), std::make_move_iterator(spans_.end())};
  }

 private:
  // A buffer that only looks at the body. A new one for every batch, since Thrift adds up what passes through.
  static std::shared_ptr<Buffer> observe(std::string_view body) {
    // Thrift counts nested structs from the top, the check from the unknown field: leave room for both.
    constexpr int kRecursionLimit = 80;
    auto limits = std::make_shared<apache::thrift::TConfiguration>();
    limits->setMaxMessageSize(static_cast<int>(body.size()));
    limits->setRecursionLimit(kRecursionLimit);
    auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(body.data()));
    return std::make_shared<Buffer>(bytes, static_cast<std::uint32_t>(body.size()), Buffer::OBSERVE, limits);
  }

  void read_field(TType type, std::int16_t id) {
    if (id == 1 && type == apache::thrift::protocol::T_STRUCT) {
      read_process();
    } else if (id == 2 && type == apache::thrift::protocol::T_LIST) {
      read_spans();
    } else {
      protocol_.skip(type);
    }
  }

  void read_process() {
    wire::Process from;
    from.read(&protocol_);
    process_ = take_process(from);
  }

  void read_spans() {
    TType element{};
    std::uint32_t count = 0;
    protocol_.readListBegin(element, count);
    spans_.clear();
    spans_.reserve(count);
    for (; count > 0; --count) {
      wire::Span span;
      span.read(&protocol_);
      spans_.push_back(take_span(span));
    }
  }

  Protocol protocol_;
  ProcessPtr process_;
  std::vector<std::shared_ptr<Span>> spans_;
};

std::shared_ptr<Buffer> observe_datagram(std::string_view datagram) {
  auto limits = std::make_shared<apache::thrift::TConfiguration>();
  limits->setMaxMessageSize(static_cast<int>(std::max<std::size_t>(datagram.size(), 1)));
  auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<char*>(datagram.data()));
  return std::make_shared<Buffer>(bytes, static_cast<std::uint32_t>(datagram.size()), Buffer::OBSERVE, limits);
}

// Servers look at neither the type of the call nor its number; a reader that insists on a version would refuse what they take.
// What a list holds takes a byte each at least: no list is longer than the datagram, whatever it claims. Thrift makes room for it first.
std::unique_ptr<apache::thrift::protocol::TProtocol> protocol_of(Wire wire, std::string_view datagram) {
  using apache::thrift::protocol::TBinaryProtocolT;
  using apache::thrift::protocol::TCompactProtocolT;
  const auto limit = static_cast<std::int32_t>(std::max<std::size_t>(datagram.size(), 1));
  const auto buffer = observe_datagram(datagram);
  if (wire == Wire::kCompact) return std::make_unique<TCompactProtocolT<Buffer>>(buffer, limit, limit);
  return std::make_unique<TBinaryProtocolT<Buffer>>(buffer, limit, limit, false, true);
}

// The argument; the batch of another call is empty.
wire::Batch read_call(apache::thrift::protocol::TProtocol& protocol) {
  std::string name;
  apache::thrift::protocol::TMessageType call{};
  std::int32_t number = 0;
  protocol.readMessageBegin(name, call, number);
  if (name != "emitBatch") throw apache::thrift::TException("unknown method " + name);
  protocol.readStructBegin(name);
  wire::Batch batch;
  while (true) {
    TType type{};
    std::int16_t id = 0;
    protocol.readFieldBegin(name, type, id);
    if (type == apache::thrift::protocol::T_STOP) return batch;
    if (id == 1 && type == apache::thrift::protocol::T_STRUCT) {
      batch.read(&protocol);
    } else {
      protocol.skip(type);
    }
    protocol.readFieldEnd();
  }
}

}  // namespace

Decoded decode_datagram(std::string_view datagram, Wire wire) {
  try {
    wire::Batch batch = read_call(*protocol_of(wire, datagram));
    const ProcessPtr process = take_process(batch.process);
    Decoded decoded;
    for (wire::Span& from : batch.spans) {
      auto span = take_span(from);
      span->process = process;
      decoded.spans.push_back(std::move(span));
    }
    return decoded;
  } catch (const std::exception& problem) {
    return {{}, problem.what()};
  }
}

Decoded decode_batch(std::string_view body) {
  if (auto fault = find_fault(body)) return {{}, std::move(fault)};
  try {
    return {BatchReader(body).read(), std::nullopt};
  } catch (const apache::thrift::TException& exception) {
    // The check lets through only what Thrift reads; this is for what neither of us thought of.
    return {{}, exception.what()};
  }
}

}  // namespace jtrace::collector
