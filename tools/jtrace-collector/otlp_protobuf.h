// An OTLP export request in protobuf's wire format, as the document that its JSON form would be.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace jtrace::collector {

// Throws std::runtime_error where the bytes are no such request. Unknown fields are passed over.
nlohmann::json read_otlp_protobuf(std::string_view bytes);

}  // namespace jtrace::collector
