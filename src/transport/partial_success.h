// What an OTLP server says in an answer of 200 about spans that it did not take: partial_success.rejected_spans of an
// ExportTraceServiceResponse, in protobuf or in JSON.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

// `answer` may be cut. 0 where it says nothing of the kind.
std::uint64_t rejected_spans(std::string_view answer, Protocol protocol) noexcept;

}  // namespace jtrace::inline v1::detail
