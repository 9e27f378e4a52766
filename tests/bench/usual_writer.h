// The usual way to the wire, for comparison: Jaeger's structs as Apache Thrift generates them, filled and then written by
// the generated writer with TBinaryProtocol over a TMemoryBuffer, as Thrift's tutorial has it. The spans of a batch are made
// where they lie, and the buffer is used again.
#pragma once

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "clock/tick_map.h"
#include "jaeger_types.h"
#include "record/record_view.h"
#include "usual_way.h"

namespace bench::usual {

namespace wire = ::jaeger::thrift;

// Into a struct that is new.
void fill(wire::Span& to, const Span& span);
void fill(wire::Span& to, const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time);
// Into one that was filled before, with the memory that it has; nothing is left of what it held.
void fill_again(wire::Span& to, const jtrace::detail::RecordView& record, jtrace::detail::TickMap& time);

class Writer {
 public:
  Writer();
  // The view holds until the next call.
  std::string_view write(const wire::Batch& batch);

 private:
  std::shared_ptr<apache::thrift::transport::TMemoryBuffer> buffer_;
  apache::thrift::protocol::TBinaryProtocol protocol_;
};

}  // namespace bench::usual
