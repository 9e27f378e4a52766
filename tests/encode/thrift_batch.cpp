#include "encode/thrift_batch.h"

#include <doctest/doctest.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <bit>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace fixture {
namespace {

using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TMemoryBuffer;
using jaeger::thrift::Tag;
using jaeger::thrift::TagType;

constexpr char kDigits[] = "0123456789abcdef";

std::string quoted(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
    } else {
      shown += '\\';
      shown += kDigits[byte >> 4];
      shown += kDigits[byte & 15];
    }
  }
  return shown + '"';
}

std::string bits_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += kDigits[bits >> shift & 15];
  return digits;
}

bool has_only_its_value(const Tag& tag) {
  const auto& set = tag.__isset;
  const int count = set.vStr + set.vDouble + set.vBool + set.vLong + set.vBinary;
  switch (tag.vType) {
    case TagType::STRING: return set.vStr && count == 1;
    case TagType::DOUBLE: return set.vDouble && count == 1;
    case TagType::BOOL: return set.vBool && count == 1;
    case TagType::LONG: return set.vLong && count == 1;
    case TagType::BINARY: return set.vBinary && count == 1;
  }
  return false;
}

std::string value_of(const Tag& tag) {
  switch (tag.vType) {
    case TagType::STRING: return "STRING " + quoted(tag.vStr);
    case TagType::DOUBLE: return "DOUBLE " + bits_of(tag.vDouble);
    case TagType::BOOL: return tag.vBool ? "BOOL true" : "BOOL false";
    case TagType::LONG: return "LONG " + std::to_string(tag.vLong);
    case TagType::BINARY: return "BINARY " + quoted(tag.vBinary);
  }
  return "unknown type";
}

}  // namespace

// Each reading has a buffer of its own: one that is used for many ends in "MaxMessageSize reached".
jaeger::thrift::Batch decode(std::string_view body) {
  std::string copy(body);
  const auto buffer = std::make_shared<TMemoryBuffer>(reinterpret_cast<std::uint8_t*>(copy.data()),
                                                      static_cast<std::uint32_t>(copy.size()), TMemoryBuffer::OBSERVE);
  TBinaryProtocol protocol(buffer);
  jaeger::thrift::Batch batch;
  batch.read(&protocol);
  if (buffer->available_read() != 0) throw std::runtime_error("bytes behind the batch");
  return batch;
}

std::string encode(const jaeger::thrift::Batch& batch) {
  const auto buffer = std::make_shared<TMemoryBuffer>();
  TBinaryProtocol protocol(buffer);
  batch.write(&protocol);
  return buffer->getBufferAsString();
}

namespace {

using apache::thrift::protocol::TProtocol;

std::unique_ptr<TProtocol> protocol_for(Wire wire, const std::shared_ptr<TMemoryBuffer>& buffer) {
  if (wire == Wire::binary) return std::make_unique<TBinaryProtocol>(buffer);
  return std::make_unique<apache::thrift::protocol::TCompactProtocol>(buffer);
}

}  // namespace

jaeger::thrift::Batch decode_message(std::string_view message, Wire wire) {
  using namespace apache::thrift::protocol;
  std::string copy(message), name;
  const auto buffer = std::make_shared<TMemoryBuffer>(reinterpret_cast<std::uint8_t*>(copy.data()),
                                                      static_cast<std::uint32_t>(copy.size()), TMemoryBuffer::OBSERVE);
  const auto protocol = protocol_for(wire, buffer);
  TMessageType type{};
  std::int32_t number = 0;
  protocol->readMessageBegin(name, type, number);
  if (name != "emitBatch" || type != T_ONEWAY) throw std::runtime_error("another call: " + name);
  TType field{};
  std::int16_t id = 0;
  protocol->readStructBegin(name);
  protocol->readFieldBegin(name, field, id);
  if (field != T_STRUCT || id != 1) throw std::runtime_error("another argument");
  jaeger::thrift::Batch batch;
  batch.read(protocol.get());
  protocol->readFieldEnd();
  protocol->readFieldBegin(name, field, id);
  if (field != T_STOP || buffer->available_read() != 0) throw std::runtime_error("more than a batch");
  return batch;
}

std::string encode_message(const jaeger::thrift::Batch& batch, Wire wire) {
  using namespace apache::thrift::protocol;
  const auto buffer = std::make_shared<TMemoryBuffer>();
  const auto protocol = protocol_for(wire, buffer);
  protocol->writeMessageBegin("emitBatch", T_ONEWAY, 1);
  protocol->writeStructBegin("Agent_emitBatch_pargs");
  protocol->writeFieldBegin("batch", T_STRUCT, 1);
  batch.write(protocol.get());
  protocol->writeFieldEnd();
  protocol->writeFieldStop();
  protocol->writeStructEnd();
  protocol->writeMessageEnd();
  return buffer->getBufferAsString();
}

jaeger::thrift::Batch decode_exactly(std::string_view body) {
  jaeger::thrift::Batch batch = decode(body);
  const bool is_same = encode(batch) == body;
  CHECK(is_same);
  if (!is_same) MESSAGE("ours:\n", hex(body), "\nThrift's:\n", hex(encode(batch)));
  return batch;
}

std::string show(const Tag& tag) {
  return tag.key + " " + value_of(tag) + (has_only_its_value(tag) ? "" : " (and other fields)");
}

std::string show(const std::vector<Tag>& tags) {
  std::string all;
  for (const Tag& tag : tags) all += (all.empty() ? "" : ", ") + show(tag);
  return all;
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(JTRACE_GOLDEN_FOLDER) + "/" + name);
  if (!file) throw std::runtime_error("no golden file " + name);
  std::string bytes, line, digits;
  while (std::getline(file, line)) {
    for (const char c : line.substr(0, line.find('#'))) {
      if (c != ' ') digits += c;
    }
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
    text += i % 16 == 15 ? '\n' : ' ';
  }
  return text;
}

}  // namespace fixture
