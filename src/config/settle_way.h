// How spans are sent: what `endpoint`, `local_agent` and `protocol` mean together.
//
//   protocol given        that one; over UDP to the agent (localhost if none is named), else to the endpoint
//   endpoint              by HTTP: OTLP where its path ends with /v1/traces, else Thrift
//   agent                 by UDP
//
// Of endpoint and agent the endpoint counts, as with the official clients, unless code says the agent and only the environment
// the endpoint.
#pragma once

#include <string_view>

#include "config/draft.h"
#include "config/settle_reach.h"

namespace jtrace::inline v1::detail {

const char* take_protocol(Draft& draft, std::string_view text);
const char* take_agent_host(Draft& draft, std::string_view text);
const char* take_agent_port(Draft& draft, std::string_view text);
const char* take_max_packet_bytes(Draft& draft, std::string_view text);

using IsInCode = std::function<bool(std::string_view)>;

// An error without a key: none.
Error settle_way(Draft& draft, const IsInCode& is_in_code, const NameOf& name_of);

}  // namespace jtrace::inline v1::detail
