// The look at a collector or a query API that finds out why it cannot be used. The library counts failures by
// kind only; here a batch without spans, which every Jaeger answers with 202 and nothing more, is sent beside
// it, and the answer becomes a Diagnosis.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "diagnosis.h"
#include "http_client.h"
#include "url.h"

namespace jtrace_send {

// Sends the empty batch. Nothing means that the collector takes batches.
std::optional<Diagnosis> probe_collector(const Url& collector, const Reach& reach,
                                         std::chrono::milliseconds timeout);

// The same judgement on an answer that is already there. A success with a page in it is none: Jaeger's UI and
// health pages answer every POST with 200.
std::optional<Diagnosis> explain_collector(const HttpAnswer& answer, const Url& collector);

// Why the query API did not answer a look-up (any answer but 200 and 404 with JSON). Always exit code 5: what
// could be delivered was.
Diagnosis explain_query(const HttpAnswer& answer, const Url& query);

// jaeger.thrift: Batch{1: Process{1: serviceName = "jtrace-send"}, 2: spans = []}, in the binary protocol.
std::string_view empty_batch();

}  // namespace jtrace_send
