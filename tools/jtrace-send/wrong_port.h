// Advice on ports: what to say where a port is known to belong to somebody else, and where to try instead.
// Shared by all that explain a failure.
#pragma once

#include <string>

#include "url.h"

namespace jtrace_send {

// http://HOST:14268/api/traces
std::string example_for(const Url& url);

// "Port 4317 is usually for OTLP over gRPC; …", or nothing, where the port is not known as a wrong one.
std::string about_port(const Url& url);

}  // namespace jtrace_send
