// A batch read and written by the code that Apache Thrift generates from jaeger.thrift, and shown as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jaeger_types.h"

namespace fixture {

// Throws what Thrift throws, and std::runtime_error where bytes are left over.
jaeger::thrift::Batch decode(std::string_view body);
std::string encode(const jaeger::thrift::Batch& batch);

// The same of a datagram for an agent, by either protocol: the batch that the call emitBatch has as its argument.
enum class Wire { compact, binary };
jaeger::thrift::Batch decode_message(std::string_view message, Wire wire);
std::string encode_message(const jaeger::thrift::Batch& batch, Wire wire);

// Decoded, and written again by Thrift to the very same bytes (a doctest check).
jaeger::thrift::Batch decode_exactly(std::string_view body);

// One tag as `key TYPE value`: text in quotes, bytes outside of ASCII as \xx, doubles by their bits. Only the field that
// the type names may be set.
std::string show(const jaeger::thrift::Tag& tag);
// Several, one behind the other, with a comma between them.
std::string show(const std::vector<jaeger::thrift::Tag>& tags);

// The bytes of a file of annotated hex in tests/golden.
std::string golden(const std::string& name);
// 0a0b0c…, sixteen bytes a line, for a failing test's message.
std::string hex(std::string_view bytes);

}  // namespace fixture
