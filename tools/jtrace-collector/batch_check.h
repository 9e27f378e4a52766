// Looks through the bytes of a POST before anything is allocated for them: is this a whole Jaeger batch?
//
// Thrift's readers trust a claimed list length and make room for it first. This walk believes nothing: every
// length is held against the bytes that are really there, every required field has to be present, and
// unknown fields may nest only so deep. A body that passes costs memory in proportion to its size; one that
// fails costs none. The walk follows the reader that Jaeger uses (Go, generated), field by field, and so fails
// where that one fails and with its words.
//
// Grammar, in Thrift's binary protocol:
//
//   struct  = { type:1 id:2 value } 0x00          list, set = element type:1 count:4 values
//   string  = length:4 bytes                       map      = key type:1 value type:1 count:4 pairs
//   bool, byte = 1 byte; i16 = 2; i32 = 4; i64, double = 8; all big-endian
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jtrace::collector {

// The reason why `body` is not a batch, in the words of Jaeger; nothing when it is one. Bytes behind the
// batch are not looked at.
std::optional<std::string> find_fault(std::string_view body);

}  // namespace jtrace::collector
