// What takes the values of the keys that are about contexts in headers: the list of formats, the names of Jaeger's headers, and
// the limits of baggage. Each gives null, or what is allowed; the table of read_settings.cpp calls them.
#pragma once

#include <string_view>

#include "config/draft.h"

namespace jtrace::inline v1::detail {

const char* take_propagation(Draft&, std::string_view text);

const char* take_trace_id_header(Draft&, std::string_view text);
const char* take_baggage_header_prefix(Draft&, std::string_view text);
const char* take_debug_id_header(Draft&, std::string_view text);
const char* take_baggage_header(Draft&, std::string_view text);

const char* take_baggage_max_items(Draft&, std::string_view text);
const char* take_baggage_max_key_bytes(Draft&, std::string_view text);
const char* take_baggage_max_value_bytes(Draft&, std::string_view text);
const char* take_baggage_allowed(Draft&, std::string_view text);

}  // namespace jtrace::inline v1::detail
