// Bodies of POSTs to jtrace-collector on OTLP's port, as JSON.
#include "decoded.h"
#include "otlp_decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace jtrace::collector;
  fuzz::require_sound(decode_otlp(fuzz::text_of(bytes, size), OtlpForm::kJson), size);
  return 0;
}
