// From an OTLP export request, in JSON or in protobuf, to spans: what Jaeger makes of it, as OpenTelemetry's specification maps it.
//
// Protobuf is read into the same document that JSON gives, by a table of the messages, so the mapping is there once. Both are held
// to what is really there: no length is believed, and values nest only so deep.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode.h"

namespace jtrace::collector {

enum class OtlpForm { kJson, kProtobuf };

// Never throws for bad bytes; may be called from any thread. The spans may be of several processes.
Decoded decode_otlp(std::string_view body, OtlpForm form);

}  // namespace jtrace::collector
