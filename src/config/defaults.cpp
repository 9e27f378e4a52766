#include "config/defaults.h"

#include <algorithm>
#include <iterator>

namespace jtrace::inline v1::detail {
namespace {

struct Default {
  std::string_view key, text;
};

constexpr Default kDefaults[] = {
    {"local_agent.max_packet_bytes", "65000"},
    {"logging", "false"},
    {"file_format", "json-lines"},
    {"tls.skip_verify", "false"},
    {"compression", "none"},
    {"disabled", "false"},
    {"sampler.type", "const"},
    {"sampler.endpoint", "http://localhost:5778/sampling"},
    {"sampler.refresh_interval", "60s"},
    {"sampler.max_operations", "2000"},
    {"flush_interval", "1s"},
    {"exit_flush_timeout", "1s"},
    {"connect_timeout", "5s"},
    {"request_timeout", "10s"},
    {"stats_interval", "10s"},
    {"retry.initial", "200ms"},
    {"retry.max", "30s"},
    {"max_retry_time", "5m"},
    {"max_pending_bytes", "32MiB"},
    {"max_queue_bytes", "64MiB"},
    {"max_open_bytes", "16MiB"},
    {"max_batch_bytes", "1MiB"},
    {"max_span_bytes", "64KiB"},
    {"limits.value_length", "1024"},
    {"limits.tags", "0"},
    {"limits.logs", "0"},
    {"limits.log_fields", "0"},
    {"trace_id_128bit", "true"},
    {"validate", "false"},
    {"propagation", "jaeger,w3c"},
    {"trace_id_header", "uber-trace-id"},
    {"baggage_header_prefix", "uberctx-"},
    {"debug_id_header", "jaeger-debug-id"},
    {"baggage_header", "jaeger-baggage"},
    {"baggage.max_items", "180"},
    {"baggage.max_key_bytes", "8KiB"},
    {"baggage.max_value_bytes", "8KiB"},
};

}  // namespace

std::string default_text(std::string_view key, const Settings& settings) {
  if (key == "service_name") return settings.service_name;
  if (key == "sampler.endpoint" && settings.sampling.by == Sampling::By::server) return settings.sampling.endpoint.shown;
  if (key == "sampler.param") return settings.sampler.name() == "probabilistic" ? "0.001" : "1";
  const auto found = std::find_if(std::begin(kDefaults), std::end(kDefaults), [&](const Default& one) { return one.key == key; });
  return found == std::end(kDefaults) ? std::string() : std::string(found->text);
}

}  // namespace jtrace::inline v1::detail
