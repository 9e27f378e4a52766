// What each reader of jtrace-collector promises of what it makes of anybody's bytes. That no length which they claim is believed, the fuzzer
// itself sees: it limits the size of a single allocation, and the time.
#pragma once

#include "decode.h"
#include "fuzz.h"

namespace fuzz {

inline void require_sound(const jtrace::collector::Decoded& decoded, std::size_t size) {
  require(!decoded.error || !decoded.error->empty(), "a refusal has words");
  require(!decoded.error || decoded.spans.empty(), "of what is refused nothing is kept");
  require(decoded.spans.size() <= size, "a span takes bytes");
  for (const jtrace::collector::SpanPtr& span : decoded.spans) {
    require(span != nullptr && span->process != nullptr, "a span has its process");
    require(span->duration >= 0, "no duration is negative");
  }
}

}  // namespace fuzz
