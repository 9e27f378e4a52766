// Endpoints as users write them, by libcurl's URL parser.
//
//   http://h:14268/api/traces, https://h/x?y=1        used as is
//   http://h:4444, http://h:4444/, https://h          with /api/traces; scheme and port kept
//   h, h:4444, [::1], [::1]:4444                      http, port 14268 unless given, /api/traces
//   unix:/run/jaeger.sock                             http over that socket, /api/traces
//   unix:/run/jaeger.sock:/x?y=1                      the same with a path of its own, as nginx writes it
//   http://user:secret@h/…                            basic auth; never shown
//
// For OTLP the port is 4318, and the path /v1/traces.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kEndpointAllowed =
    "http://HOST:PORT/api/traces, https://…, HOST or HOST:PORT (port 14268 if none is given), or unix:/PATH/OF/SOCKET";

// What a text may leave out.
struct EndpointDefaults {
  const char *port, *path;
};
inline constexpr EndpointDefaults kCollector{"14268", "/api/traces"};
inline constexpr EndpointDefaults kOtlpEndpoint{"4318", "/v1/traces"};
inline constexpr EndpointDefaults kSamplingServer{"5778", "/sampling"};

std::optional<Endpoint> parse_endpoint(std::string_view text, const EndpointDefaults& defaults = kCollector);

// What was given, for people: without its user and password, nor its query.
std::string without_secrets(std::string_view text);

}  // namespace jtrace::inline v1::detail
