// Bodies of POSTs to jtrace-collector on OTLP's port, as protobuf.
#include "decoded.h"
#include "otlp_decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace jtrace::collector;
  fuzz::require_sound(decode_otlp(fuzz::text_of(bytes, size), OtlpForm::kProtobuf), size);
  return 0;
}
