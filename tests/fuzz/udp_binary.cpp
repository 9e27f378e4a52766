// Datagrams to jtrace-collector on an agent's port for Thrift's binary protocol.
#include "decoded.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace jtrace::collector;
  fuzz::require_sound(decode_datagram(fuzz::text_of(bytes, size), Wire::kBinary), size);
  return 0;
}
