// The way out that the settings ask for: an Encoder and the Transport that carries what it writes. Each protocol is one of
// either; what happens to their batches, Reporter decides, the same for all.
//
//   protocol             encoder                        transport
//   http/thrift.binary   ThriftBinaryEncoder            HttpTransport
//   http/protobuf        OtlpProtobufEncoder            HttpTransport
//   http/json            OtlpJsonEncoder                HttpTransport
//   udp/thrift.compact   ThriftCompactEncoder           UdpTransport
//   udp/thrift.binary    ThriftBinaryEncoder, message   UdpTransport
//   none                 NoEncoder                      NullTransport
#pragma once

#include <memory>

#include "config/settings.h"
#include "encode/encoder.h"
#include "transport/transport.h"

namespace jtrace::inline v1::detail {

// Both throw std::bad_alloc. The encoder looks at the system's interfaces: it is made on the worker's thread.
std::unique_ptr<Encoder> make_encoder(const Settings& settings);
std::unique_ptr<Transport> make_transport(const Settings& settings);

}  // namespace jtrace::inline v1::detail
