#include "reporter/way_out.h"

#include "encode/no_encoder.h"
#include "encode/otlp_json.h"
#include "encode/otlp_protobuf.h"
#include "encode/thrift_binary.h"
#include "encode/thrift_compact.h"
#include "reporter/process_tags.h"
#include "transport/http_transport.h"
#include "transport/null_transport.h"
#include "transport/udp_transport.h"

namespace jtrace::inline v1::detail {

std::unique_ptr<Encoder> make_encoder(const Settings& settings) {
  using Form = ThriftBinaryEncoder::Form;
  if (!settings.has_collector()) return std::make_unique<NoEncoder>();
  const std::string& name = settings.service_name;
  const std::vector<ProcessTag> tags = process_tags(settings);
  const auto batch = static_cast<std::size_t>(settings.max_batch_bytes);
  const auto packet = static_cast<std::size_t>(settings.agent.max_packet_bytes);
  switch (settings.protocol) {
    case Protocol::udp_compact:
      return std::make_unique<ThriftCompactEncoder>(name, tags, packet);
    case Protocol::udp_binary:
      return std::make_unique<ThriftBinaryEncoder>(name, tags, settings.sampler, packet, best_way(), Form::message);
    case Protocol::http_protobuf:
      return std::make_unique<OtlpProtobufEncoder>(name, tags, batch);
    case Protocol::http_json:
      return std::make_unique<OtlpJsonEncoder>(name, tags, batch);
    default:
      return std::make_unique<ThriftBinaryEncoder>(name, tags, settings.sampler, batch);
  }
}

std::unique_ptr<Transport> make_transport(const Settings& settings) {
  if (!settings.has_collector()) return std::make_unique<NullTransport>();
  if (is_udp(settings.protocol)) return std::make_unique<UdpTransport>(settings.agent, settings.connect_timeout);
  return std::make_unique<HttpTransport>(settings);
}

}  // namespace jtrace::inline v1::detail
