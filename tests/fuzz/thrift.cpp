// Bodies of POSTs to jtrace-collector: the check and the reader agree on what is a batch, and no body, whatever it claims, costs more
// than a multiple of its size (tools/fuzz.sh limits the memory of a single allocation).
#include "batch_check.h"
#include "decoded.h"

using namespace jtrace::collector;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body = fuzz::text_of(bytes, size);
  const auto fault = find_fault(body);
  const Decoded decoded = decode_batch(body);
  require(fault.has_value() == decoded.error.has_value(), "what the check lets through is a batch, and nothing else is");
  require(!fault || !fault->empty(), "a refusal has words");
  fuzz::require_sound(decoded, size);
  return 0;
}
