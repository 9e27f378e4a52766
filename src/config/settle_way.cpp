#include "config/settle_way.h"

#include <algorithm>

#include "config/parse.h"
#include "transport/endpoint.h"

namespace jtrace::inline v1::detail {
namespace {

// The names of OTEL_EXPORTER_JAEGER_PROTOCOL and OTEL_EXPORTER_OTLP_PROTOCOL.
struct Named {
  std::string_view name;
  Protocol protocol;
};
constexpr Named kProtocols[] = {{"http/thrift.binary", Protocol::http_thrift},
                                {"udp/thrift.compact", Protocol::udp_compact},
                                {"udp/thrift.binary", Protocol::udp_binary},
                                {"http/protobuf", Protocol::http_protobuf},
                                {"http/json", Protocol::http_json}};

constexpr std::uint16_t kCompactPort = 6831, kBinaryPort = 6832;

// One colon parts a port; an address of IPv6 has more.
bool is_host(std::string_view text) noexcept {
  const bool has_port = std::count(text.begin(), text.end(), ':') == 1;
  return !text.empty() && !has_port && text.find_first_of(" \t\r\n/@[]") == std::string_view::npos;
}

bool has_otlp_path(const Endpoint& endpoint) noexcept {
  return std::string_view(endpoint.url).substr(0, endpoint.url.find('?')).ends_with("/v1/traces");
}

bool has_agent(const Draft& draft) noexcept { return !draft.settings.agent.host.empty() || draft.settings.agent.port != 0; }

Protocol chosen(const Draft& draft, const IsInCode& is_in_code) {
  if (draft.protocol) return *draft.protocol;
  const bool is_agent_in_code = is_in_code("local_agent.reporting_host") || is_in_code("local_agent.reporting_port");
  const bool has_endpoint = !draft.settings.endpoint.url.empty();
  if (has_agent(draft) && (!has_endpoint || (is_agent_in_code && !is_in_code("endpoint")))) return Protocol::udp_compact;
  if (!has_endpoint) return Protocol::none;
  return has_otlp_path(draft.settings.endpoint) ? Protocol::http_protobuf : Protocol::http_thrift;
}

}  // namespace

const char* take_protocol(Draft& draft, std::string_view text) {
  const auto* named = std::find_if(std::begin(kProtocols), std::end(kProtocols), [&](const Named& each) { return each.name == trim(text); });
  if (named == std::end(kProtocols)) return "http/thrift.binary, udp/thrift.compact, udp/thrift.binary, http/protobuf or http/json";
  draft.protocol = named->protocol;
  return nullptr;
}

const char* take_agent_host(Draft& draft, std::string_view text) {
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (!is_host(text)) return "the name or address of a host, without port";
  draft.settings.agent.host = text;
  return nullptr;
}

const char* take_agent_port(Draft& draft, std::string_view text) {
  const auto port = parse_port(text);
  if (!port) return "a port, 1 to 65535";
  draft.settings.agent.port = *port;
  return nullptr;
}

const char* take_max_packet_bytes(Draft& draft, std::string_view text) {
  constexpr std::int64_t kLeast = 1024, kMost = 65507;  // what IPv4 carries
  const auto value = parse_bytes(text, 1);
  if (!value || *value < kLeast || *value > kMost) return "a size from 1024 to 65507";
  draft.settings.agent.max_packet_bytes = *value;
  return nullptr;
}

Error settle_way(Draft& draft, const IsInCode& is_in_code, const NameOf& name_of) {
  Settings& settings = draft.settings;
  settings.protocol = chosen(draft, is_in_code);
  if (is_udp(settings.protocol)) {
    settings.endpoint = {};
    if (settings.agent.host.empty()) settings.agent.host = "localhost";
    if (settings.agent.port == 0) settings.agent.port = settings.protocol == Protocol::udp_binary ? kBinaryPort : kCompactPort;
    return {};
  }
  settings.agent.host.clear();
  if (!is_otlp(settings.protocol) || draft.endpoint_text.empty()) return {};
  if (auto endpoint = parse_endpoint(draft.endpoint_text, kOtlpEndpoint)) {
    settings.endpoint = std::move(*endpoint);
    return {};
  }
  const std::string name = name_of("endpoint"), shown = without_secrets(draft.endpoint_text);
  return Error(name, shown, name + "=\"" + shown + "\": allowed is " + std::string(kEndpointAllowed));
}

}  // namespace jtrace::inline v1::detail
