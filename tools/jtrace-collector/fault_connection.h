// One connection to an ingest port with faults: it stalls, or it is passed on to the real server, reset and dripping as
// its fate says.
//
// FaultFront accepts the connection and runs this on a thread of its own. Bytes are not looked at, only counted, so
// what is neither reset nor stalled reaches the server exactly as it was sent.
#pragma once

#include "fault_plan.h"

namespace jtrace::collector {

// Takes `client` over and closes it. `server_port` is that of the real server on loopback. `stop` becomes readable
// when the port is closed for good: then a stalled client is hung up on, and what was being dripped is sent at once.
void serve_with_faults(int client, int server_port, FaultPlan& plan, int stop);

}  // namespace jtrace::collector
