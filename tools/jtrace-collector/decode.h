// From the body of a POST, or a datagram, to spans: Apache Thrift reads the batch, and this turns Jaeger's structs into ours.
//
// The body is looked through first (batch_check.h), so that what Thrift allocates is in proportion to the
// bytes that came; then it is read span by span, so that only one span exists in both forms at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"

namespace jtrace::collector {

struct Decoded {
  std::vector<SpanPtr> spans;  // all of one process; may be empty
  std::optional<std::string> error;  // why the body is not a batch, in Jaeger's words
};

// Reads one batch in Thrift's binary protocol. Never throws for bad bytes; may be called from any thread.
Decoded decode_batch(std::string_view body);

// The two protocols of agents.
enum class Wire { kCompact, kBinary };

// Reads the batch in a datagram for an agent: the one argument of a call emitBatch. Never throws for bad bytes; may be called from any
// thread.
Decoded decode_datagram(std::string_view datagram, Wire wire);

}  // namespace jtrace::collector
