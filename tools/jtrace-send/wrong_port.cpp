#include "wrong_port.h"

#include <string_view>

namespace jtrace_send {
namespace {

struct KnownPort {
  int port;
  std::string_view tenant;
};

// The defaults of Jaeger v1.76 and v2, their agents, the OpenTelemetry collector and Zipkin.
constexpr KnownPort kKnownPorts[] = {
    {4317, "OTLP over gRPC"},
    {4318, "OTLP over HTTP"},
    {5775, "the old agent's UDP"},
    {5778, "the sampling strategies"},
    {5779, "the sampling strategies over gRPC"},
    {6831, "the agent's UDP (compact)"},
    {6832, "the agent's UDP (binary)"},
    {8888, "the collector's own metrics"},
    {8889, "Prometheus metrics"},
    {9411, "Zipkin's format"},
    {13133, "the health check"},
    {14250, "Jaeger's gRPC"},
    {14267, "the old TChannel protocol"},
    {14269, "the collector's admin and health pages"},
    {14271, "the agent's admin and health pages"},
    {16685, "the query API over gRPC"},
    {16686, "Jaeger's UI and query API"},
    {16687, "the query service's admin pages"},
    {27777, "remote debugging of the collector"},
};

// Empty for ports that say nothing, and for 14268, which is the right one.
std::string_view usual_tenant_of(int port) {
  for (const KnownPort& known : kKnownPorts) {
    if (known.port == port) return known.tenant;
  }
  return {};
}

}  // namespace

std::string example_for(const Url& url) {
  return "http://" + url.host + ":14268/api/traces";
}

std::string about_port(const Url& url) {
  if (!url.unix_socket.empty()) return "";
  const std::string_view tenant = usual_tenant_of(url.effective_port());
  if (tenant.empty()) return "";
  return "Port " + std::to_string(url.effective_port()) + " is usually for " + std::string(tenant) +
         "; jtrace speaks Jaeger's Thrift over HTTP, by default at port 14268. Try " + example_for(url) + ".";
}

}  // namespace jtrace_send
